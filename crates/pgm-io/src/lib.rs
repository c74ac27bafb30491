//! Decode, encode and batch-decode portable graymaps (PGM), with errors that name the byte.
