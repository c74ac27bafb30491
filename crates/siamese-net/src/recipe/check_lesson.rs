//! That batches hold what the loss learns from.

use super::document::Recipe;
use crate::error::Error;
use crate::spec::{BatchesSpec, LossSpec};

impl Recipe {
    /// Refuses batches from which a loss learns nothing, for a training that is about to begin. A recipe is read without
    /// this, so that models of such a training can be.
    ///
    /// A loss with a learnt vector for each subject, such as proxy-anchor, learns from any image. The others compare
    /// the images of a batch, and need a second subject and a second image of each.
    ///
    /// # Errors
    /// [`Error::Recipe`], with the key and what to set it to.
    pub fn expect_lesson(&self) -> Result<(), Error> {
        for network in self.members()? {
            let Some(batches) = &network.batches else {
                continue;
            };
            let refuse = |message| Error::Recipe {
                origin: network.name.clone(),
                message,
            };
            let blind = |(_, loss): &(f64, &LossSpec)| loss.is_softmax();
            if batches.forgeries > 0 && network.loss.terms().iter().all(blind) {
                return Err(refuse(format!(
                    "batches.forgeries = {}, and loss.kind = {:?} learns nothing from forgeries, which are no subject of its \
                     own: take proxy-anchor or a loss that compares the images of a batch, alone or in a sum, or leave out \
                     batches.forgeries",
                    batches.forgeries,
                    network.loss.name()
                )));
            }
            for (_, loss) in network.loss.terms() {
                teaches(loss, batches).map_err(refuse)?;
            }
        }
        Ok(())
    }
}

fn teaches(loss: &LossSpec, batches: &BatchesSpec) -> Result<(), String> {
    if loss.head().is_some() {
        return Ok(());
    }
    let missing = if batches.images < 2 {
        "images = 1 leaves no genuine pair in a batch"
    } else if batches.people < 2 {
        "people = 1 leaves no impostor pair in a batch"
    } else {
        return Ok(());
    };
    Err(format!(
        "batches.{missing}, and loss.kind = {:?} compares the images of a batch, so nothing would be learnt: set it to 2 \
         or more, or take a loss with a learnt vector for each subject, such as proxy-anchor",
        loss.name()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(loss: &str, people: usize, images: usize) -> Option<String> {
        let overrides = [
            format!("loss={loss}"),
            format!("batches.people={people}"),
            format!("batches.images={images}"),
        ];
        let recipe = Recipe::builtin("orl-fast", &overrides).unwrap();
        recipe.expect_lesson().err().map(|error| error.to_string())
    }

    #[test]
    fn losses_that_compare_the_images_of_a_batch_need_both_kinds_of_pairs() {
        for kind in [
            "contrastive",
            "triplet",
            "multi-similarity",
            "supervised-contrastive",
            "nt-xent",
        ] {
            let loss = format!("{{ kind = \"{kind}\" }}");
            assert_eq!(refused(&loss, 2, 2), None);
            let words = refused(&loss, 2, 1).unwrap();
            assert!(
                words.contains("batches.images = 1") && words.contains(kind),
                "{words}"
            );
            let words = refused(&loss, 1, 2).unwrap();
            assert!(
                words.contains("batches.people = 1") && words.contains(kind),
                "{words}"
            );
        }
        for kind in ["proxy-anchor", "arcface", "cosface", "normalised-softmax"] {
            assert_eq!(refused(&format!("{{ kind = \"{kind}\" }}"), 1, 1), None);
        }
    }

    #[test]
    fn forgeries_are_for_losses_that_look_at_them() {
        let refused = |loss: &str| {
            let overrides = [format!("loss={loss}"), "batches.forgeries=2".to_owned()];
            let recipe = Recipe::builtin("orl-fast", &overrides).unwrap();
            recipe.expect_lesson().err().map(|error| error.to_string())
        };
        let words = refused("{ kind = \"arcface\" }").unwrap();
        assert!(words.contains("batches.forgeries = 2"), "{words}");
        for loss in [
            "{ kind = \"proxy-anchor\" }",
            "{ kind = \"multi-similarity\" }",
            "{ kind = \"sum\", terms = [{ loss = { kind = \"arcface\" } }, { loss = { kind = \"nt-xent\" } }] }",
        ] {
            assert_eq!(refused(loss), None);
        }
    }

    #[test]
    fn every_term_of_a_sum_is_to_teach() {
        let sum = "{ kind = \"sum\", terms = [{ weight = 1.0, loss = { kind = \"arcface\" } }, \
                   { weight = 0.5, loss = { kind = \"nt-xent\" } }] }";
        assert!(refused(sum, 4, 1).is_some_and(|words| words.contains("nt-xent")));
        assert_eq!(refused(sum, 4, 2), None);
    }
}
