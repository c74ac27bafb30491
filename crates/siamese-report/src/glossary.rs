//! The terms of the report, for readers from other fields.

/// Terms and what they mean, after ISO/IEC 19795-1 and 2382-37.
pub(crate) const TERMS: [(&str, &str); 16] = [
    (
        "Genuine, impostor",
        "A comparison of two images of one subject, and of two different subjects.",
    ),
    (
        "Distance, threshold",
        "How unlike two images are found; below the threshold they are called the same subject. Similarities are the other way round: above it.",
    ),
    (
        "FMR",
        "False match rate: the share of impostor comparisons that are called genuine. Strangers accepted.",
    ),
    (
        "FNMR",
        "False non-match rate: the share of genuine comparisons that are called impostor. Genuine subjects rejected.",
    ),
    (
        "EER",
        "Equal error rate: FMR and FNMR at the threshold where they are equal. Small is good; 50 % is guessing.",
    ),
    (
        "FNMR at FMR 1 %",
        "The genuine subjects rejected by a threshold so strict that it accepts 1 % of the strangers.",
    ),
    (
        "AUC",
        "Area under the ROC curve: how often a genuine comparison is closer than an impostor one. 1 is perfect; 0.5 is guessing.",
    ),
    (
        "Cllr, min Cllr",
        "What likelihood ratios made of the scores cost whoever decides by them, in bits, calibrated on the validation pairs; \
         and the part that no calibration takes away. 0 is perfect, 1 says nothing.",
    ),
    (
        "d′",
        "Distance between the means of genuine and impostor scores, in standard deviations. Large is good.",
    ),
    (
        "DET curve",
        "FNMR over FMR for all thresholds, on axes that make normally distributed scores a straight line. Low and left is good.",
    ),
    (
        "Rank-1, CMC",
        "How often the right subject is the most alike of all that are enrolled, and among the k most alike.",
    ),
    (
        "FPIR, FNIR",
        "When searching among many: the share of strangers that are found, and of enrolled subjects that are not.",
    ),
    (
        "95 % interval",
        "Where the figure would lie for other subjects of the same kind, from how much it changes when each subject is left \
         out in turn. \"No spread\" stands where it does not change.",
    ),
    (
        "Rule of three, rule of 30",
        "With no error in n comparisons, the rate is below 3/n; with 30 errors, it is known to within 30 %. Both hold for \
         independent comparisons. Subjects recur, so where no error was seen the bound by subjects, 3 divided by their \
         number, is the one to count on.",
    ),
    (
        "Goats, lambs, wolves",
        "Subjects that are often not recognised; that others are easily taken for; that are easily taken for others.",
    ),
    (
        "Balanced accuracy",
        "Mean of the shares of genuine and of impostor comparisons that are decided rightly.",
    ),
];
