//! Searches the rows of one `.npy` file for those of another, for measurements beside other libraries
//! (`benches/faiss_flat.py`).
//!
//!     search_npy VECTORS.npy QUERIES.npy
//!
//! Then each line of standard input is a number of queries. They are searched for in one call, and a line of JSON says how
//! long that took and which ten rows are nearest to each.

use std::error::Error;
use std::io::{BufRead, Write};
use std::time::Instant;

use gallery::{Metric, VectorIndex};
use ndarray::Array2;

fn main() -> Result<(), Box<dyn Error>> {
    let mut paths = std::env::args_os().skip(1);
    let (Some(vectors), Some(queries)) = (paths.next(), paths.next()) else {
        return Err("usage: search_npy VECTORS.npy QUERIES.npy".into());
    };
    let index = load(&vectors)?;
    let queries: Array2<f32> = ndarray_npy::read_npy(queries)?;
    let queries: Vec<Vec<f32>> = queries.rows().into_iter().map(|row| row.to_vec()).collect();
    let queries: Vec<&[f32]> = queries.iter().map(Vec::as_slice).collect();

    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", serde_json::json!({ "vectors": index.len() }))?;
    for line in std::io::stdin().lock().lines() {
        let count: usize = line?.trim().parse()?;
        let asked = queries
            .get(..count)
            .ok_or("there are not so many queries")?;
        let start = Instant::now();
        let hits = index.nearest(asked, 10, None)?;
        let ms = start.elapsed().as_secs_f64() * 1e3;
        let ids: Vec<Vec<u64>> = hits
            .iter()
            .map(|hits| hits.iter().map(|hit| hit.id).collect())
            .collect();
        writeln!(out, "{}", serde_json::json!({ "ms": ms, "ids": ids }))?;
        out.flush()?;
    }
    Ok(())
}

fn load(path: &std::ffi::OsStr) -> Result<VectorIndex, Box<dyn Error>> {
    let vectors: Array2<f32> = ndarray_npy::read_npy(path)?;
    let mut index = VectorIndex::new(vectors.ncols(), Metric::Cosine)?;
    for (id, row) in (0..).zip(vectors.rows()) {
        index.insert(
            id,
            id,
            row.as_slice()
                .ok_or("the rows do not lie one after the other")?,
        )?;
    }
    Ok(index)
}
