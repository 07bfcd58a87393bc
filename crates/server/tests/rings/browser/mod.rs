//! What only a browser shows, in headless Chromium.

mod chromium;
mod live;
mod stories;
mod tab;
mod unsent;
