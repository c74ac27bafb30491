//! The loop over rows and queries, the same for all instructions.

/// Defines `$name`, which asks `$products::<GROUPS, QUERIES>` for the products of some groups and some queries at a time.
///
/// A macro and no generic function: the attributes that allow instructions must be on each function that uses them.
macro_rules! bounds_by {
    ($(#[$attribute:meta])* $name:ident, $products:ident) => {
        $(#[$attribute])*
        pub(super) fn $name(
            rows: super::Rows<'_>,
            queries: &[super::super::codes::CodedQuery],
            out: &mut [f32],
        ) {
            use super::super::codes::{GROUP, GroupBounds};
            use super::STRIDE;

            let (steps, _) = rows.step.as_chunks::<GROUP>();
            let (errors, _) = rows.error.as_chunks::<GROUP>();
            let (lengths, _) = rows.length.as_chunks::<GROUP>();
            let (groups, quads) = (steps.len(), rows.codes.len() / steps.len().max(1));
            let mut put = |query: usize, group: usize, products: &[i32; GROUP]| {
                let bounds = GroupBounds { step: &steps[group], error: &errors[group], length: &lengths[group] };
                let (out, _) = out[query * groups * GROUP..].as_chunks_mut::<GROUP>();
                queries[query].bounds(products, bounds, &mut out[group]);
            };
            let (eights, rest) = queries.as_chunks::<8>();
            for first in (0..groups).step_by(STRIDE) {
                let codes = &rows.codes[first * quads..][..STRIDE * quads];
                for (at, eight) in eights.iter().enumerate() {
                    for half in 0..STRIDE / 2 {
                        let codes = &codes[half * 2 * quads..][..2 * quads];
                        let products = $products::<2, 8>(codes, std::array::from_fn(|query| &eight[query]));
                        for (query, products) in products.iter().enumerate() {
                            for (group, products) in products.iter().enumerate() {
                                put(at * 8 + query, first + half * 2 + group, products);
                            }
                        }
                    }
                }
                for (at, query) in rest.iter().enumerate() {
                    let [products] = $products::<STRIDE, 1>(codes, [query]);
                    for (group, products) in products.iter().enumerate() {
                        put(eights.len() * 8 + at, first + group, products);
                    }
                }
            }
        }
    };
}

pub(super) use bounds_by;
