//! The adapter against the simulator: the laws of every port, and what a phone company does besides.

mod laws;
mod load;
mod rig;
