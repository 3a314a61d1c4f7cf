#!/bin/bash
# Run once by PostgreSQL's image, when its volume is empty: the database, its owner and the application's login, with the passwords of their connection strings.
set -euo pipefail
password() { sed -n 's/.*Password=\([0-9a-f]*\).*/\1/p' "/run/secrets/$1"; }
psql -v ON_ERROR_STOP=1 -v owner="$(password owner)" -v app="$(password app)" --username postgres --dbname postgres <<'SQL'
CREATE ROLE dossier_app NOLOGIN;
CREATE ROLE centre_owner LOGIN PASSWORD :'owner' CREATEROLE;
GRANT dossier_app TO centre_owner;
CREATE ROLE centre_app LOGIN PASSWORD :'app' IN ROLE dossier_app;
CREATE DATABASE centre OWNER centre_owner;
SQL
