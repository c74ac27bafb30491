-- Times are milliseconds since 1970 (UTC). Numbers count within a gallery. JSON is text, so that it stays as it was given.
-- Who writes locks the row of the gallery first, and takes the next numbers from it.

CREATE TABLE gallery (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL UNIQUE,
    digest_key bytea NOT NULL CHECK (octet_length(digest_key) = 32),
    active_generation bigint NOT NULL,
    last_person bigint NOT NULL DEFAULT 0,
    last_template bigint NOT NULL DEFAULT 0,
    last_generation bigint NOT NULL DEFAULT 0,
    last_change bigint NOT NULL DEFAULT 0
);

CREATE TABLE generation (
    gallery bigint NOT NULL REFERENCES gallery (id) ON DELETE CASCADE,
    number bigint NOT NULL,
    contract text NOT NULL,
    dimension integer NOT NULL CHECK (dimension > 0),
    metric text NOT NULL,       -- JSON
    fusion text NOT NULL,       -- JSON
    calibration text,           -- JSON
    PRIMARY KEY (gallery, number)
);
-- Each names the other: so it is looked at when a change ends.
ALTER TABLE gallery ADD CONSTRAINT gallery_active_generation
    FOREIGN KEY (id, active_generation) REFERENCES generation (gallery, number) DEFERRABLE INITIALLY DEFERRED;

CREATE TABLE model (
    gallery bigint NOT NULL REFERENCES gallery (id) ON DELETE CASCADE,
    contract text NOT NULL,
    bytes bytea NOT NULL,
    PRIMARY KEY (gallery, contract)
);
ALTER TABLE model ALTER COLUMN bytes SET STORAGE EXTERNAL;

CREATE TABLE person (
    gallery bigint NOT NULL REFERENCES gallery (id) ON DELETE CASCADE,
    number bigint NOT NULL,
    uuid uuid NOT NULL,
    external_id text NOT NULL CHECK (external_id <> ''),
    name text,
    metadata text NOT NULL,     -- JSON object
    expires_ms bigint,
    created_ms bigint NOT NULL,
    PRIMARY KEY (gallery, number),
    UNIQUE (gallery, uuid),
    CONSTRAINT person_external_id UNIQUE (gallery, external_id)
);
CREATE INDEX person_by_expiry ON person (gallery, expires_ms) WHERE expires_ms IS NOT NULL;

CREATE TABLE template (
    gallery bigint NOT NULL REFERENCES gallery (id) ON DELETE CASCADE,
    id bigint NOT NULL,
    person bigint NOT NULL,
    generation bigint NOT NULL,
    picture bytea NOT NULL CHECK (octet_length(picture) = 32),
    quality text NOT NULL,      -- JSON object of numbers
    created_ms bigint NOT NULL,
    vector vector NOT NULL,     -- as the model gave it
    PRIMARY KEY (gallery, id),
    CONSTRAINT template_picture UNIQUE (gallery, person, generation, picture),
    FOREIGN KEY (gallery, person) REFERENCES person (gallery, number) ON DELETE CASCADE,
    FOREIGN KEY (gallery, generation) REFERENCES generation (gallery, number) ON DELETE CASCADE
);
CREATE INDEX template_by_generation ON template (gallery, generation, id);
CREATE INDEX template_by_picture ON template (gallery, picture);

-- Pictures, only where somebody asked to keep them. One without a template of its person is deleted with the template.
CREATE TABLE picture (
    gallery bigint NOT NULL REFERENCES gallery (id) ON DELETE CASCADE,
    person bigint NOT NULL,
    digest bytea NOT NULL CHECK (octet_length(digest) = 32),
    bytes bytea NOT NULL,
    PRIMARY KEY (gallery, person, digest),
    FOREIGN KEY (gallery, person) REFERENCES person (gallery, number) ON DELETE CASCADE
);
ALTER TABLE picture ALTER COLUMN bytes SET STORAGE EXTERNAL;

CREATE TABLE rejection (
    gallery bigint NOT NULL REFERENCES gallery (id) ON DELETE CASCADE,
    picture bytea NOT NULL CHECK (octet_length(picture) = 32),
    person bigint,
    reason text NOT NULL,
    at_ms bigint NOT NULL,
    PRIMARY KEY (gallery, picture),
    FOREIGN KEY (gallery, person) REFERENCES person (gallery, number) ON DELETE CASCADE
);
CREATE INDEX rejection_by_person ON rejection (gallery, person);

CREATE TABLE exclusion (
    gallery bigint NOT NULL REFERENCES gallery (id) ON DELETE CASCADE,
    person bigint NOT NULL,
    picture bytea NOT NULL CHECK (octet_length(picture) = 32),
    at_ms bigint NOT NULL,
    PRIMARY KEY (gallery, person, picture),
    FOREIGN KEY (gallery, person) REFERENCES person (gallery, number) ON DELETE CASCADE
);

-- That something changed, never what it was. The token is that of the call that changed it, so that a writer whose connection
-- ended during its commit can find out what became of it.
CREATE TABLE change_log (
    gallery bigint NOT NULL REFERENCES gallery (id) ON DELETE CASCADE,
    sequence bigint NOT NULL,
    kind text NOT NULL,         -- JSON
    subject bigint NOT NULL,
    at_ms bigint NOT NULL,
    token uuid NOT NULL,
    PRIMARY KEY (gallery, sequence)
);
