mod attaching;
mod fixture;
mod limiting;
mod saving;
mod touching;
mod weeks;
