// Go's own note and tlog, for which the formats were made, hold what the product prints and serves against what they ask for.
//
//	check proof FILE           of one leaf, or of growth, as JSON
//	check witness FILE VKEY    a checkpoint cosigned by a witness
//	check mirror URL VKEY      every tile and entry that a server has
package main

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type proof struct {
	Vkey, Checkpoint, Old, New string
	Index                      int64
	LeafB64                    []byte
	Proof                      []tlog.Hash
}

func main() {
	log.SetFlags(0)
	switch os.Args[1] {
	case "proof":
		checkProof(os.Args[2])
	case "witness":
		checkWitness(os.Args[2], os.Args[3])
	case "mirror":
		mirror(os.Args[2], os.Args[3])
	}
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// The tree of a checkpoint that a key signed: the first three lines are those of a tree of go.sum, but for the name.
func open(checkpoint, vkey string) tlog.Tree {
	verifier, err := note.NewVerifier(vkey)
	must(err)
	opened, err := note.Open([]byte(checkpoint), note.VerifierList(verifier))
	must(err)
	lines := strings.Split(opened.Text, "\n")
	if lines[0] != verifier.Name() {
		log.Fatalf("origin %q, key of %q", lines[0], verifier.Name())
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err)
	hash, err := tlog.ParseHash(lines[2])
	must(err)
	return tlog.Tree{N: size, Hash: hash}
}

func checkProof(file string) {
	text, err := os.ReadFile(file)
	must(err)
	var p proof
	must(json.Unmarshal(text, &p))
	if p.Old != "" {
		old, now := open(p.Old, p.Vkey), open(p.New, p.Vkey)
		must(tlog.CheckTree(p.Proof, now.N, now.Hash, old.N, old.Hash))
		fmt.Printf("grew from %d to %d\n", old.N, now.N)
		return
	}
	tree := open(p.Checkpoint, p.Vkey)
	must(tlog.CheckRecord(p.Proof, tree.N, tree.Hash, p.Index, tlog.RecordHash(p.LeafB64)))
	fmt.Printf("leaf %d of %d\n", p.Index, tree.N)
}

// This version of note knows no cosignatures: what it can't verify it leaves, and the rest is the specification's two lines.
func checkWitness(file, vkey string) {
	text, err := os.ReadFile(file)
	must(err)
	body, signatures, _ := strings.Cut(string(text), "\n\n")
	name, rest, _ := strings.Cut(vkey, "+")
	_, key64, _ := strings.Cut(rest, "+")
	key, err := base64.StdEncoding.DecodeString(key64)
	must(err)
	for _, line := range strings.Split(signatures, "\n") {
		if fields := strings.Fields(line); len(fields) == 3 && fields[1] == name {
			signature, err := base64.StdEncoding.DecodeString(fields[2])
			must(err)
			time := binary.BigEndian.Uint64(signature[4:])
			message := fmt.Sprintf("cosignature/v1\ntime %d\n%s\n", time, body)
			if key[0] == 4 && ed25519.Verify(key[1:], []byte(message), signature[12:]) {
				fmt.Printf("witnessed at %d\n", time)
				return
			}
		}
	}
	log.Fatal("not witnessed")
}

type server string

func (s server) get(path string) []byte {
	answer, err := http.Get(string(s) + path)
	must(err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	must(err)
	if answer.StatusCode != 200 {
		log.Fatalf("%s: %s %s", path, answer.Status, body)
	}
	return body
}

// Go's tiles have their height in the path, and are else those of C2SP.
func (s server) path(tile tlog.Tile) string { return "/" + strings.Replace(tile.Path(), "tile/8/", "tile/", 1) }

func (s server) Height() int { return 8 }

func (s server) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	data := make([][]byte, len(tiles))
	for i, tile := range tiles {
		data[i] = s.get(s.path(tile))
	}
	return data, nil
}

func (s server) SaveTiles(tiles []tlog.Tile, data [][]byte) {}

func mirror(url, vkey string) {
	s := server(url)
	tree := open(string(s.get("/checkpoint")), vkey)
	hashes := tlog.TileHashReader(tree, s)
	root, err := tlog.TreeHash(tree.N, hashes)
	must(err)
	if root != tree.Hash {
		log.Fatal("the tiles give another root")
	}
	for first := int64(0); first < tree.N; first += 256 {
		width := int(tree.N - first)
		if width > 256 {
			width = 256
		}
		indexes := make([]int64, width)
		for i := range indexes {
			indexes[i] = tlog.StoredHashIndex(0, first+int64(i))
		}
		leaves, err := hashes.ReadHashes(indexes)
		must(err)
		bundle := s.get(strings.Replace(s.path(tlog.Tile{H: 8, L: 0, N: first / 256, W: width}), "tile/0/", "tile/entries/", 1))
		for _, leaf := range leaves {
			length := binary.BigEndian.Uint16(bundle)
			if tlog.RecordHash(bundle[2:2+length]) != leaf {
				log.Fatal("an entry is not what its tile says")
			}
			bundle = bundle[2+length:]
		}
		if len(bundle) != 0 {
			log.Fatal("a bundle holds more than its tile")
		}
	}
	fmt.Printf("mirrored %d\n", tree.N)
}
