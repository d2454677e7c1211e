mod attaching;
mod fixture;
mod limiting;
mod replaying;
mod saving;
mod touching;
mod weeks;
