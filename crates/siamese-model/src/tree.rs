//! Sums in a fixed order.

/// Joins items as a binary tree over their order does: neighbours, then neighbours of those, and so on; whoever has no
/// neighbour moves up. What every aligned run of 2^k items gives depends on these items alone, so it does not matter who
/// computes which run. `None` without items.
///
/// # Errors
/// The first of `join`.
pub(crate) fn join<T, E>(
    items: impl IntoIterator<Item = T>,
    mut join: impl FnMut(T, T) -> Result<T, E>,
) -> Result<Option<T>, E> {
    let mut level: Vec<T> = items.into_iter().collect();
    while level.len() > 1 {
        let mut above = Vec::with_capacity(level.len().div_ceil(2));
        let mut items = level.into_iter();
        while let Some(item) = items.next() {
            above.push(match items.next() {
                Some(neighbour) => join(item, neighbour)?,
                None => item,
            });
        }
        level = above;
    }
    Ok(level.pop())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_joined_first_and_aligned_runs_are_subtrees() {
        let tree = |range: std::ops::Range<u32>| {
            let names = range.map(|i| i.to_string());
            join(names, |a, b| Ok::<_, ()>(format!("({a}{b})"))).unwrap()
        };
        assert_eq!(tree(0..0), None);
        assert_eq!(tree(0..1).unwrap(), "0");
        assert_eq!(tree(0..2).unwrap(), "(01)");
        assert_eq!(tree(0..3).unwrap(), "((01)2)");
        assert_eq!(tree(0..7).unwrap(), "(((01)(23))((45)6))");
        for (run, at) in [(0..4, "0"), (4..7, "4")] {
            assert!(tree(0..7).unwrap().contains(&tree(run).unwrap()), "{at}");
        }
    }

    #[test]
    fn the_first_error_is_handed_on() {
        let found = join(
            [1, 2, 3, 4],
            |a, b| if b == 4 { Err("four") } else { Ok(a + b) },
        );
        assert_eq!(found, Err("four"));
    }
}
