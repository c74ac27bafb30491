//! `siamese recipes`.

use anyhow::{Result, anyhow};
use serde::Serialize;
use siamese_net::{Plan, Recipe};

use crate::args::RecipesArgs;

use crate::output::{Output, table, thousands};

#[derive(Serialize)]
struct Row {
    name: String,
    purpose: &'static str,
    about: String,
    parameters: usize,
    protocol: String,
    epochs: u32,
}

pub(crate) fn run(args: &RecipesArgs, output: Output) -> Result<()> {
    if let Some(name) = &args.name {
        let recipe = Recipe::builtin::<&str>(name, &[])?;
        let text =
            Recipe::builtin_text(name).ok_or_else(|| anyhow!("there is no recipe {name}"))?;
        return output.result(&recipe, text);
    }
    let rows = Recipe::builtin_names()
        .map(|name| {
            let recipe = Recipe::builtin::<&str>(name, &[])?;
            let parameters = recipe
                .members()?
                .iter()
                .map(|member| Ok(Plan::new(&member.encoder)?.parameters()))
                .sum::<Result<usize>>()?;
            Ok(Row {
                purpose: Recipe::builtin_purpose(name).unwrap_or_default(),
                name: recipe.name,
                about: recipe.about,
                parameters,
                protocol: recipe.protocol.name,
                epochs: recipe.train.epochs,
            })
        })
        .collect::<Result<Vec<_>>>()?;
    let mut cells = vec![
        ["recipe", "for", "parameters", "protocol", "what"]
            .map(str::to_owned)
            .to_vec(),
    ];
    for row in &rows {
        let parameters = thousands(row.parameters as u64);
        cells.push(vec![
            row.name.clone(),
            row.purpose.to_owned(),
            parameters,
            row.protocol.clone(),
            row.about.clone(),
        ]);
    }
    let text = format!(
        "{}\nsiamese recipes NAME prints one: save it as a file, change it, and train that file.",
        table(&cells)
    );
    output.result(&rows, &text)
}
