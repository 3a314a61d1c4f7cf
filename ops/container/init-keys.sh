#!/bin/bash
# Run once by PostgreSQL's image, when its volume is empty: the database of the applicants' keys and its owner.
set -euo pipefail
psql -v ON_ERROR_STOP=1 -v owner="$(sed -n 's/.*Password=\([0-9a-f]*\).*/\1/p' /run/secrets/owner)" --username postgres --dbname postgres <<'SQL'
CREATE ROLE keys_owner LOGIN PASSWORD :'owner';
CREATE DATABASE keys OWNER keys_owner;
SQL
