//! What is to be said of a data set by its names.

use pairgen::SubjectSplit;

use super::data_set::Data;
use crate::thousands::thousands;

/// Names that a sentence holds.
const NAMED: usize = 5;

impl Data {
    /// What was left out of the set, how to take it in, and which names may be mistaken for others; each a sentence.
    #[must_use]
    pub fn said(&self) -> Vec<String> {
        let mut said: Vec<String> = self.skipped().into_iter().collect();
        said.extend(self.forged());
        said.extend(self.unplaced());
        said.extend(self.nested());
        said.extend(self.shallow());
        said.extend(self.alike());
        said.extend(self.in_several_parts());
        said
    }

    /// Whoever gave no layout is told which one the set is read by.
    fn forged(&self) -> Option<String> {
        let forgeries = self.catalog.forgeries();
        if forgeries == 0 {
            return None;
        }
        let read = match self.report {
            Some(_) => format!(", read as {}", self.source.layout),
            None => String::new(),
        };
        Some(format!(
            "{} genuine samples and {} forgeries{read}: a forgery is an impostor of the subject whom it imitates.",
            thousands(self.catalog.genuine() as u64),
            thousands(forgeries as u64)
        ))
    }

    fn unplaced(&self) -> Option<String> {
        let report = self.report.as_ref()?;
        let first = report.unplaced.first()?;
        Some(format!(
            "{} images are left out because {} does not say whose they are and of what kind, such as {}.",
            thousands(report.unplaced.len() as u64),
            self.source.layout,
            first.display()
        ))
    }

    fn nested(&self) -> Option<String> {
        let report = self
            .report
            .as_ref()
            .filter(|report| report.nested_images > 0)?;
        let folders: Vec<String> = report
            .nested_folders
            .iter()
            .map(|folder| folder.display().to_string())
            .collect();
        Some(format!(
            "{} images are left out because they lie in folders within those of the subjects: {}. Take them in with \
             --layout '{{subject}}/**', or, if those folders are the subjects, with --depth {}.",
            thousands(report.nested_images as u64),
            shortened(&folders),
            self.source.layout.depth() + 1
        ))
    }

    fn shallow(&self) -> Option<String> {
        let report = self
            .report
            .as_ref()
            .filter(|report| report.shallow_images > 0)?;
        Some(format!(
            "{} images are left out because they lie less deep than {}.",
            thousands(report.shallow_images as u64),
            self.source.layout
        ))
    }

    fn alike(&self) -> Vec<String> {
        let alike = self.catalog.alike_names();
        let one = alike.one_subject.iter().map(|spellings| {
            let written: Vec<String> = spellings.iter().map(|name| escaped(name)).collect();
            format!(
                "{} are one name in two Unicode forms, so they are one subject.",
                written.join(" and ")
            )
        });
        let groups: Vec<String> = alike
            .several_subjects
            .iter()
            .map(|names| names.join(" and "))
            .collect();
        let several = (!groups.is_empty()).then(|| {
            format!(
                "Names of different subjects look alike: {}. If they are one subject's, give them one name.",
                shortened(&groups)
            )
        });
        one.take(NAMED).chain(several).collect()
    }

    /// Subjects of one name in `train/` and in `test/` are two subjects, by the layout that was asked for.
    fn in_several_parts(&self) -> Option<String> {
        match SubjectSplit::from_folders(&self.catalog) {
            Err(pairgen::Error::PartsShareSubjects { shared, a, b }) => Some(format!(
                "{} subjects are in more than one part of the set, such as {a} and {b}, and count as different ones. If they \
                 are the same, join them with --layout '*/{{subject}}/*'.",
                thousands(shared as u64)
            )),
            _ => None,
        }
    }
}

/// The first few, and how many more there are.
fn shortened(names: &[String]) -> String {
    let mut text = names
        .iter()
        .take(NAMED)
        .cloned()
        .collect::<Vec<_>>()
        .join(", ");
    if names.len() > NAMED {
        text.push_str(&format!(
            " and {} more",
            thousands((names.len() - NAMED) as u64)
        ));
    }
    text
}

/// A name in which the two forms of a letter can be told apart: `Jo\u{308}rg`.
fn escaped(name: &str) -> String {
    let shown = |c: char| match c.is_ascii() {
        true => c.to_string(),
        false => c.escape_unicode().to_string(),
    };
    name.chars().map(shown).collect()
}
