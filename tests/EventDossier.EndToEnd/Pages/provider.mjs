// The certified oidc-provider as the centre's provider: node provider.mjs PORT REDIRECT_URI [claim=value …]. Whoever signs in there is who they say, with these claims.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
const [port, redirect, ...told] = process.argv.slice(2);
const found = createRequire(`${process.env.NPM_FOLDER}/package.json`).resolve("oidc-provider");
const { default: Provider } = await import(pathToFileURL(found));
const claims = Object.fromEntries(told.map(claim => claim.split("=")));
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{ client_id: "dossier", client_secret: "a secret of the tests alone, long enough", redirect_uris: [redirect], grant_types: ["authorization_code"], response_types: ["code"], id_token_signed_response_alg: "RS256" }],
  claims: { openid: ["sub", "roles", "units"] },
  conformIdTokenClaims: false,
  pkce: { required: () => true },
  cookies: { keys: ["of the tests alone"] },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, roles: claims.roles?.split(","), units: claims.units?.split(",") }) }),
});
provider.listen(Number(port), "127.0.0.1", () => console.log("listening"));
