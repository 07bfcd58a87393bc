use std::collections::{BTreeMap, HashMap, HashSet};
use std::net::SocketAddr;

/// A text as Prometheus reads it (text format 0.0.4), read strictly.
#[derive(Debug)]
pub(crate) struct Exposition {
    pub(crate) text: String,
    samples: HashMap<Series, f64>,
    families: HashSet<String>,
}

type Series = (String, BTreeMap<String, String>);

impl Exposition {
    /// Asks a listener for its figures.
    pub(crate) async fn scrape(address: SocketAddr) -> Self {
        let answer = reqwest::get(format!("http://{address}/metrics"))
            .await
            .unwrap();
        assert_eq!(answer.status(), 200);
        assert_eq!(
            answer.headers()["content-type"],
            "text/plain; version=0.0.4; charset=utf-8"
        );
        Self::parse(answer.text().await.unwrap())
    }

    /// The value of the series with just these labels.
    #[track_caller]
    pub(crate) fn value(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let series = (name.to_owned(), labels.iter().map(own).collect());
        let found = self.samples.get(&series);
        *found.unwrap_or_else(|| panic!("no {series:?} in\n{}", self.text))
    }

    /// The same of what is counted in whole numbers.
    #[track_caller]
    pub(crate) fn count(&self, name: &str, labels: &[(&str, &str)]) -> u64 {
        self.value(name, labels).to_string().parse().unwrap()
    }

    /// The value of the one series of this name, which has no labels.
    #[track_caller]
    pub(crate) fn single(&self, name: &str) -> f64 {
        self.value(name, &[])
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.samples.keys().any(|(known, _)| known == name)
    }

    /// The names that are declared.
    pub(crate) fn families(&self) -> impl Iterator<Item = String> {
        self.families.clone().into_iter()
    }

    fn parse(text: String) -> Self {
        assert!(text.ends_with('\n'), "the last line has no end");
        let (mut samples, mut families) = (HashMap::new(), HashSet::new());
        let (mut family, mut kind) = (String::new(), String::new());
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            if let Some(help) = line.strip_prefix("# HELP ") {
                let (name, words) = help.split_once(' ').expect(line);
                assert!(is_name(name) && !words.is_empty(), "{line}");
                let declared = lines.next().unwrap_or_default();
                let prefix = format!("# TYPE {name} ");
                let declared_kind = declared.strip_prefix(&prefix).expect(declared);
                declared_kind.clone_into(&mut kind);
                assert!(
                    ["counter", "gauge", "histogram"].contains(&&*kind),
                    "{declared}"
                );
                assert!(families.insert(name.to_owned()), "{name} is declared twice");
                assert_eq!(name.ends_with("_total"), kind == "counter", "{declared}");
                name.clone_into(&mut family);
                continue;
            }
            let (series, value) = sample(line);
            let rest = series.0.strip_prefix(&family).expect(line);
            match kind.as_str() {
                "histogram" => assert!(["_bucket", "_sum", "_count"].contains(&rest), "{line}"),
                _ => assert_eq!(rest, "", "{line}"),
            }
            assert!(value >= 0.0, "{line}");
            assert_eq!(samples.insert(series, value), None, "twice: {line}");
        }
        let exposition = Self {
            text,
            samples,
            families,
        };
        exposition.check_histograms();
        exposition
    }

    /// Buckets grow with their bounds, and the last one holds all.
    fn check_histograms(&self) {
        let mut histograms: HashMap<Series, Vec<(f64, f64)>> = HashMap::new();
        for ((name, labels), value) in &self.samples {
            if let (Some(name), Some(bound)) = (name.strip_suffix("_bucket"), labels.get("le")) {
                let mut labels = labels.clone();
                let bound = number(bound);
                labels.remove("le");
                let series = (format!("{name}_count"), labels);
                histograms.entry(series).or_default().push((bound, *value));
            }
        }
        for (count, mut buckets) in histograms {
            buckets.sort_by(|a, b| a.0.total_cmp(&b.0));
            assert!(
                buckets.is_sorted_by(|a, b| a.1 <= b.1),
                "{count:?}: {buckets:?}"
            );
            let all = self.samples[&count];
            assert_eq!(buckets.last(), Some(&(f64::INFINITY, all)), "{count:?}");
        }
    }
}

/// One line: a name, labels in braces if there are any, and a value.
fn sample(line: &str) -> (Series, f64) {
    let (series, value) = line.rsplit_once(' ').expect(line);
    let (name, labels) = match series.split_once('{') {
        None => (series, BTreeMap::new()),
        Some((name, rest)) => {
            let inner = rest.strip_suffix('}').expect(line);
            // No value of ours has a comma, a quote or a backslash in it.
            let pairs = inner.split(',').map(|pair| {
                let (label, value) = pair.split_once('=').expect(line);
                let value = value.strip_prefix('"').and_then(|v| v.strip_suffix('"'));
                let value = value.expect(line);
                assert!(is_name(label) && !value.contains(['"', '\\']), "{line}");
                (label.to_owned(), value.to_owned())
            });
            (name, pairs.collect())
        }
    };
    assert!(is_name(name), "{line}");
    ((name.to_owned(), labels), number(value))
}

fn number(text: &str) -> f64 {
    if text == "+Inf" {
        return f64::INFINITY;
    }
    text.parse().unwrap_or_else(|e| panic!("{text:?}: {e}"))
}

fn is_name(text: &str) -> bool {
    let starts_well = text.starts_with(|c: char| c.is_ascii_lowercase());
    starts_well
        && text
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}
