-- Pictures, only where somebody asked to keep them. One without a template of its person is deleted with the template.
CREATE TABLE picture (
    person INTEGER NOT NULL REFERENCES person (number) ON DELETE CASCADE,
    digest BLOB NOT NULL CHECK (length(digest) = 32),
    bytes BLOB NOT NULL,
    PRIMARY KEY (person, digest)
) STRICT;

-- Whose template was made from a picture.
CREATE INDEX template_by_picture ON template (picture);
