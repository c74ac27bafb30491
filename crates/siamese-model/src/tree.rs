//! Sums in a fixed order.

use std::iter::Peekable;
use std::ops::Range;

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

/// The fewest whole subtrees of the tree over `items` items that hold just these of them, from the first to the last.
pub(crate) fn subtrees(items: usize, own: &Range<usize>) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    collect(0..items, own, &mut found);
    found
}

fn collect(tree: Range<usize>, own: &Range<usize>, found: &mut Vec<Range<usize>>) {
    if tree.end <= own.start || own.end <= tree.start {
        return;
    }
    if own.start <= tree.start && tree.end <= own.end {
        found.push(tree);
        return;
    }
    for half in halves(&tree) {
        collect(half, own, found);
    }
}

/// The two subtrees of a tree over more than one item.
fn halves(tree: &Range<usize>) -> [Range<usize>; 2] {
    let middle = tree.start + tree.len().next_power_of_two() / 2;
    [tree.start..middle, middle..tree.end]
}

/// Joins what the subtrees of a tree over `items` items have given, which come from the first to the last. `None` where one
/// is missing.
///
/// # Errors
/// The first of `join`.
pub(crate) fn assemble<T, E>(
    items: usize,
    given: impl IntoIterator<Item = (Range<usize>, T)>,
    mut join: impl FnMut(T, T) -> Result<T, E>,
) -> Result<Option<T>, E> {
    let mut given = given.into_iter().peekable();
    grown(0..items, &mut given, &mut join)
}

fn grown<T, E>(
    tree: Range<usize>,
    given: &mut Peekable<impl Iterator<Item = (Range<usize>, T)>>,
    join: &mut impl FnMut(T, T) -> Result<T, E>,
) -> Result<Option<T>, E> {
    if let Some((_, whole)) = given.next_if(|(of, _)| *of == tree) {
        return Ok(Some(whole));
    }
    if tree.len() < 2 {
        return Ok(None);
    }
    let [first, second] = halves(&tree);
    match (grown(first, given, join)?, grown(second, given, join)?) {
        (Some(first), Some(second)) => join(first, second).map(Some),
        _ => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_of_a_tree_give_the_whole_however_many_there_are() {
        let pair = |a: String, b: String| Ok::<_, ()>(format!("({a}{b})"));
        let name = |i: usize| format!("<{i}>");
        for items in 1..40 {
            let whole = join((0..items).map(name), pair).unwrap();
            for shares in 1..=9 {
                let mut given = Vec::new();
                for share in 0..shares {
                    let own = items * share / shares..items * (share + 1) / shares;
                    for tree in subtrees(items, &own) {
                        let joined = join(tree.clone().map(name), pair).unwrap().unwrap();
                        given.push((tree, joined));
                    }
                }
                assert_eq!(
                    assemble(items, given, pair).unwrap(),
                    whole,
                    "{items}, {shares}"
                );
            }
        }
        assert_eq!(subtrees(4, &(1..4)), [1..2, 2..4]);
        assert_eq!(subtrees(4, &(2..2)), []);
        let missing = [(0..2, "a".to_owned())];
        assert_eq!(assemble(4, missing, pair).unwrap(), None);
    }

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
