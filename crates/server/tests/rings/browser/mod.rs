//! What only a browser shows, in headless Chromium.

mod chromium;
mod here;
mod live;
mod settings;
mod stories;
mod tab;
mod unsent;

pub(crate) use chromium::Chromium;
pub(crate) use tab::Tab;
