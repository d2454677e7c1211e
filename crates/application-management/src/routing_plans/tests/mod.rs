mod limiting;
mod rig;
mod saving;
mod touching;
mod weeks;
