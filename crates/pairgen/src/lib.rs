//! Who is in which image: catalogues, people-disjoint splits, pair sets and batch samplers, as indices.
