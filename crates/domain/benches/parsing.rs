//! What is done to outside text before anything else: `cargo bench -p domain`.

use std::hint::black_box;

use criterion::{Criterion, Throughput};
use domain::messages::MessageBody;
use domain::users::{DisplayName, SearchTerm, Username, search_keys};

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    bodies(&mut criterion);
    searching(&mut criterion);
    criterion.final_summary();
}

fn bodies(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("message body");
    let usual = "Shall we meet for lunch at noon? I know a place by the river.";
    let longest = "Füße ".repeat(MessageBody::MAX_CHARS / 5 - 1) + "Füße.";
    for (length, text) in [("usual", usual), ("longest", longest.as_str())] {
        assert!(MessageBody::parse(text).is_ok());
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(length, |bencher| {
            bencher.iter(|| MessageBody::parse(black_box(text)));
        });
    }
    group.finish();
}

fn searching(criterion: &mut Criterion) {
    criterion.bench_function("what was typed to find a person", |bencher| {
        bencher.iter(|| SearchTerm::parse(black_box("  Mary  ÅNG")));
    });
    let username = Username::parse("Mary.Brown@example.com").expect("a name");
    let display_name = DisplayName::parse("Mary Ann Ångström").expect("a name");
    criterion.bench_function("what a person is found by", |bencher| {
        bencher.iter(|| search_keys(black_box(&username), black_box(&display_name)));
    });
}
