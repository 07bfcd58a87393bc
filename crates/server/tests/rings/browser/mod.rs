//! What only a browser shows, in headless Chromium.

mod chromium;
mod here;
mod keyboard;
mod live;
mod look;
mod place;
mod reading;
mod screen;
mod senses;
mod settings;
mod stories;
mod tab;
mod unsent;
mod weight;

pub(crate) use chromium::Chromium;
pub(crate) use tab::Tab;
