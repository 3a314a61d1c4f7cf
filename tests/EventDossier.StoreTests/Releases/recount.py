"""Counts a release's own figures again, from its tables alone, and compares them with figures.json: python3 recount.py FOLDER."""
import collections
import csv
import json
import os
import sys

folder = sys.argv[1]
csv.field_size_limit(1 << 24)


def table(name):
    with open(os.path.join(folder, name), newline="", encoding="utf-8-sig") as file:
        yield from csv.DictReader(file)


cases, events, first = {}, collections.Counter(), {}
for row in table("dossiers.csv"):
    cases[row["case:concept:name"]] = row
for row in table("events.csv"):
    case = row["case:concept:name"]
    events[case] += 1
    first.setdefault(case, row["time:timestamp"])


def row(key, codes):
    own = [cases[code] for code in codes]
    minutes = sorted(int(c["case:workingMinutes"]) for c in own if c["case:workingMinutes"])

    def having(name, *values):
        return sum(1 for c in own if (c["case:" + name] in values if values else c["case:" + name] != ""))

    return {
        "key": key, "cases": len(own), "events": sum(events[code] for code in codes), "finished": having("finished"),
        "early": having("judgement", "early"), "onTime": having("judgement", "onTime"), "late": having("judgement", "late"),
        "approved": having("result", "approved"), "rejected": having("result", "rejected"), "withSupplement": having("supplements"),
        "medianWorkingMinutes": minutes[(len(minutes) - 1) // 2] if minutes else None,
    }


def division(key_of):
    rows = collections.defaultdict(list)
    for code in cases:
        rows[key_of(code)].append(code)
    return [row(key, rows[key]) for key in sorted(rows)]


counted = {
    "all": row("", list(cases)),
    "by": {
        "month": division(lambda code: first[code][:7]),
        **{name: division(lambda code, name=name: cases[code]["case:" + name]) for name in ("agency", "procedure", "channel")},
    },
}
with open(os.path.join(folder, "figures.json"), encoding="utf-8") as file:
    told = json.load(file)
own = {"all": told["own"]["all"], "by": told["own"]["by"]}
if own != counted:
    sys.exit("figures.json tells otherwise: " + json.dumps(counted)[:2000])
with open(os.path.join(folder, "disclosure.json"), encoding="utf-8") as file:
    k = json.load(file)["k"]
small = [r for rows in counted["by"].values() for r in rows if any(0 < r[c] < k for c in r if c not in ("key", "medianWorkingMinutes"))]
if small:
    sys.exit("counts below k: " + json.dumps(small)[:2000])
doubles = collections.defaultdict(list)
for r in table("events.csv"):
    doubles[r.pop("case:concept:name")].append(tuple(r.values()))
least = min(collections.Counter(tuple(rows) for rows in doubles.values()).values())
if least < k:
    sys.exit(f"a case has only {least - 1} doubles")
print(f"{len(cases)} cases, {sum(events.values())} events, at least {least} alike: figures.json tells the same")
