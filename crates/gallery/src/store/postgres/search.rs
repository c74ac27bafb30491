//! Search by the database, for galleries that do not fit into memory.

use std::collections::HashSet;

use pgvector::Vector;
use postgres::{Client, GenericClient, Transaction};
use verification_figures::Fusion;

use super::change::signed;
use super::failure::Failure;
use super::templates;
use crate::error::Error;
use crate::metric::Metric;
use crate::records::{Generation, Template};

/// How the database searches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Searching {
    /// It compares the probe with every template.
    Exact,
    /// It follows an index that may miss somebody, and looks at so many templates at a time.
    Hnsw { looked: u16 },
}

/// What an index of pgvector may have.
const MOST_INDEXED: usize = 2000;

/// People that are compared in full at the most, beyond those asked for: more are hardly ever within the rounding of the last.
const MOST_BEYOND: usize = 10_000;

/// Templates that HNSW gives at the most.
const MOST_FOLLOWED: usize = 1 << 14;

/// All templates in a generation of people who include the `most` that are most alike to the probe, but for `left_out`; with
/// [`Searching::Hnsw`] nearly always.
pub(super) fn candidates(
    client: &mut Client,
    gallery: i64,
    generation: &Generation,
    (probe, most): (&[f32], usize),
    left_out: &[u64],
    searching: Searching,
) -> Result<Vec<Template>, Failure> {
    let probe = Vector::from(probe.to_vec());
    let left_out: Vec<i64> = left_out.iter().map(|&person| signed(person)).collect();
    let mut moment = client.build_transaction().read_only(true).start()?;
    let people = match searching {
        Searching::Exact => exact(&mut moment, gallery, generation, &probe, most, &left_out)?,
        Searching::Hnsw { looked } => {
            let local = format!(
                "SET LOCAL hnsw.iterative_scan = strict_order; SET LOCAL hnsw.ef_search = {looked}"
            );
            moment.batch_execute(&local)?;
            followed(&mut moment, gallery, generation, &probe, most, &left_out)?
        }
    };
    templates::of_people(&mut moment, gallery, generation.number, &people)
}

/// How pgvector writes the distance of a metric.
fn operator(metric: Metric) -> &'static str {
    match metric {
        Metric::Cosine => "<=>",
        Metric::Euclidean => "<->",
    }
}

/// The people who are most alike, and those whom only rounding tells apart from them.
///
/// pgvector adds up in `f32`. Of n values a cosine is then off by at most (n + 8) 2^-23, and a Euclidean distance by that part of
/// itself (Higham, Accuracy and Stability of Numerical Algorithms, section 3.1, with some to spare). So whoever is among the best
/// by exact scores is, by these, no further away than the last of the best and twice that.
fn exact(
    moment: &mut Transaction<'_>,
    gallery: i64,
    generation: &Generation,
    probe: &Vector,
    most: usize,
    left_out: &[i64],
) -> Result<Vec<i64>, Failure> {
    let made_for = &generation.made_for;
    let operator = operator(made_for.metric);
    let counted = match made_for.fusion {
        Fusion::Best | Fusion::Mean | Fusion::Relative => i64::MAX,
        Fusion::MeanOfBest(best) => i64::try_from(best).unwrap_or(i64::MAX),
    };
    let fused = match made_for.fusion {
        Fusion::Best => format!(
            "SELECT person, min(vector {operator} $3) AS distance FROM template \
             WHERE gallery = $1 AND generation = $2 AND person <> ALL ($4) GROUP BY person"
        ),
        Fusion::Mean | Fusion::Relative | Fusion::MeanOfBest(_) => format!(
            "SELECT person, avg(distance) AS distance FROM ( \
                 SELECT person, distance, row_number() OVER (PARTITION BY person ORDER BY distance) AS place FROM ( \
                     SELECT person, vector {operator} $3 AS distance FROM template \
                     WHERE gallery = $1 AND generation = $2 AND person <> ALL ($4) \
                 ) AS compared \
             ) AS ranked WHERE place <= {counted} GROUP BY person"
        ),
    };
    let sql = format!(
        "WITH fused AS MATERIALIZED ({fused}), \
         last AS (SELECT max(distance) AS distance FROM (SELECT distance FROM fused ORDER BY distance LIMIT $5) AS best) \
         SELECT person FROM fused, last WHERE fused.distance <= last.distance * (1 + $6::float8) + $7::float8 \
         ORDER BY fused.distance, person LIMIT $8"
    );
    let rounding = 2.0 * (made_for.dimension as f64 + 8.0) * f64::from(f32::EPSILON);
    let (of_itself, beside) = match made_for.metric {
        Metric::Cosine => (0.0, rounding),
        Metric::Euclidean => (rounding, f64::from(f32::MIN_POSITIVE)),
    };
    let [asked, most] = [most, most.saturating_add(MOST_BEYOND)].map(whole);
    let number = signed(generation.number);
    let found = moment.query(
        &sql,
        &[
            &gallery, &number, probe, &left_out, &asked, &of_itself, &beside, &most,
        ],
    )?;
    let people = found.iter().map(|row| Ok(row.try_get(0)?));
    people.collect()
}

/// People by their best templates, as the index gives them.
fn followed(
    moment: &mut Transaction<'_>,
    gallery: i64,
    generation: &Generation,
    probe: &Vector,
    most: usize,
    left_out: &[i64],
) -> Result<Vec<i64>, Failure> {
    let (dimension, operator) = (
        generation.made_for.dimension,
        operator(generation.made_for.metric),
    );
    // A mean may put somebody first whose best template is not.
    let wanted = match generation.made_for.fusion {
        Fusion::Best => most,
        Fusion::Mean | Fusion::Relative | Fusion::MeanOfBest(_) => most.saturating_mul(4),
    };
    let sql = format!(
        "SELECT person FROM template WHERE gallery = {gallery} AND generation = {} AND person <> ALL ($2) \
         ORDER BY vector::vector({dimension}) {operator} $1 LIMIT $3",
        generation.number
    );
    let mut limit = wanted.saturating_mul(4).saturating_add(16);
    loop {
        let found = moment.query(&sql, &[probe, &left_out, &whole(limit)])?;
        let mut people = HashSet::new();
        for row in &found {
            if people.len() < wanted {
                people.insert(row.try_get(0)?);
            }
        }
        if people.len() == wanted || found.len() < limit || limit >= MOST_FOLLOWED {
            return Ok(people.into_iter().collect());
        }
        limit = limit.saturating_mul(4);
    }
}

fn whole(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Makes the index of a generation unless it is there.
pub(super) fn make_index(
    client: &mut impl GenericClient,
    gallery: i64,
    generation: &Generation,
) -> Result<(), Failure> {
    let made_for = &generation.made_for;
    if made_for.dimension > MOST_INDEXED {
        return Err(Error::Argument {
            argument: "the dimension of the vectors",
            expected: "at most 2,000 for search=hnsw, which is what pgvector indexes; leave it out",
            found: made_for.dimension.to_string(),
        }
        .into());
    }
    let name = index_name(gallery, generation.number);
    let there = client.query_one("SELECT to_regclass($1) IS NOT NULL", &[&name])?;
    if there.try_get(0)? {
        return Ok(());
    }
    let operators = match made_for.metric {
        Metric::Cosine => "vector_cosine_ops",
        Metric::Euclidean => "vector_l2_ops",
    };
    client.batch_execute(&format!(
        "CREATE INDEX IF NOT EXISTS {name} ON template USING hnsw ((vector::vector({})) {operators}) \
         WHERE gallery = {gallery} AND generation = {}",
        made_for.dimension, generation.number
    ))?;
    Ok(())
}

/// Drops the index of a generation that is gone, if it had one.
pub(super) fn drop_index(
    client: &mut impl GenericClient,
    gallery: i64,
    generation: u64,
) -> Result<(), Failure> {
    let name = index_name(gallery, generation);
    Ok(client.batch_execute(&format!("DROP INDEX IF EXISTS {name}"))?)
}

fn index_name(gallery: i64, generation: u64) -> String {
    format!("template_hnsw_{gallery}_{generation}")
}
