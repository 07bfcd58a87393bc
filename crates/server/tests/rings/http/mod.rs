//! The contract as a client sees it.

mod answers;
mod api_lists;
mod api_sending;
mod api_shapes;
mod conversations;
mod cross_site;
mod drawn;
mod errors;
mod garbage;
mod headers;
mod limits;
mod logs;
mod metrics;
mod missed;
mod nodes;
mod outages;
mod reading;
mod receipts;
mod routes;
mod sending;
mod sessions;
mod settings;
mod sign_in;
mod strangers;
mod streams;
mod users;
