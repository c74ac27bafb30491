//! Biometric figures from comparison scores: FMR, FNMR, DET, EER, AUC, intervals.
