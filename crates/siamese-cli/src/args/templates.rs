//! How many templates a calibration holds for, and how they are fused.

use clap::Args;
use verification_figures::Fusion;

#[derive(Debug, Args)]
pub(crate) struct TemplatesArgs {
    /// How many images of each subject are its templates, which an image is compared with; the calibration holds for about
    /// so many
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) templates: u32,

    /// How the distances to the templates of a subject become one: best, mean, mean-of-best:N, or
    /// relative (the mean, less the mean distance of the templates from each other; not for galleries)
    #[arg(long, value_name = "HOW", default_value = "best", value_parser = fusion)]
    pub(crate) fusion: Fusion,
}

fn fusion(text: &str) -> Result<Fusion, String> {
    match text {
        "best" => Ok(Fusion::Best),
        "mean" => Ok(Fusion::Mean),
        "relative" => Ok(Fusion::Relative),
        _ => text
            .strip_prefix("mean-of-best:")
            .and_then(|best| best.parse().ok())
            .filter(|&best| best > 0)
            .map(Fusion::MeanOfBest)
            .ok_or_else(|| "expected best, mean, mean-of-best:N, or relative".to_owned()),
    }
}
