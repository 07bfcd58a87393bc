//! What only a browser shows, in headless Chromium.

mod chromium;
mod here;
mod live;
mod stories;
mod tab;
mod unsent;
