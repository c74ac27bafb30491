//! Siamese networks on libtorch: encoders, losses, training, embedding, the model file.
