-- Times are milliseconds since 1970 (UTC). Vectors are f32, little-endian, as the model gave them.

CREATE TABLE generation (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    contract TEXT NOT NULL,
    dimension INTEGER NOT NULL CHECK (dimension > 0),
    metric TEXT NOT NULL,       -- JSON
    fusion TEXT NOT NULL,       -- JSON
    calibration TEXT            -- JSON
) STRICT;

CREATE TABLE gallery (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    digest_key BLOB NOT NULL CHECK (length(digest_key) = 32),
    active_generation INTEGER NOT NULL REFERENCES generation (number)
) STRICT;

CREATE TABLE model (
    contract TEXT PRIMARY KEY,
    bytes BLOB NOT NULL
) STRICT;

CREATE TABLE person (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    uuid BLOB NOT NULL UNIQUE CHECK (length(uuid) = 16),
    external_id TEXT NOT NULL UNIQUE CHECK (external_id <> ''),
    name TEXT,
    metadata TEXT NOT NULL,     -- JSON object
    expires_ms INTEGER,
    created_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX person_by_expiry ON person (expires_ms) WHERE expires_ms IS NOT NULL;

CREATE TABLE template (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    person INTEGER NOT NULL REFERENCES person (number) ON DELETE CASCADE,
    generation INTEGER NOT NULL REFERENCES generation (number) ON DELETE CASCADE,
    picture BLOB NOT NULL CHECK (length(picture) = 32),
    quality TEXT NOT NULL,      -- JSON object of numbers
    created_ms INTEGER NOT NULL,
    vector BLOB NOT NULL,
    UNIQUE (person, generation, picture)
) STRICT;
CREATE INDEX template_by_generation ON template (generation);

CREATE TABLE rejection (
    picture BLOB PRIMARY KEY CHECK (length(picture) = 32),
    person INTEGER REFERENCES person (number) ON DELETE CASCADE,
    reason TEXT NOT NULL,
    at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX rejection_by_person ON rejection (person);

CREATE TABLE exclusion (
    person INTEGER NOT NULL REFERENCES person (number) ON DELETE CASCADE,
    picture BLOB NOT NULL CHECK (length(picture) = 32),
    at_ms INTEGER NOT NULL,
    PRIMARY KEY (person, picture)
) STRICT;

-- That something changed, never what it was.
CREATE TABLE change_log (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,         -- JSON
    subject INTEGER NOT NULL,
    at_ms INTEGER NOT NULL
) STRICT;
