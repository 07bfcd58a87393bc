use std::fmt;

use domain::Distributed;
use prometheus_client::encoding::{
    DescriptorEncoder, EncodeCounterValue, EncodeGaugeValue, NoLabelSet,
};
use prometheus_client::metrics::MetricType;

/// Names and values of labels.
pub(super) type Labels<'a> = &'a [(&'a str, &'a str)];

/// Writes figures under their names.
pub(super) struct Samples<'a, 'b>(pub(super) &'a mut DescriptorEncoder<'b>);

impl Samples<'_, '_> {
    /// What goes up and down.
    pub(super) fn gauge(
        &mut self,
        name: &str,
        help: &str,
        values: &[(Labels<'_>, impl EncodeGaugeValue)],
    ) -> fmt::Result {
        let encoder = &mut *self.0;
        let mut family = encoder.encode_descriptor(name, help, None, MetricType::Gauge)?;
        for (labels, value) in values {
            family.encode_family(labels)?.encode_gauge(value)?;
        }
        Ok(())
    }

    /// What only goes up; `_total` is put to its name.
    pub(super) fn counter(
        &mut self,
        name: &str,
        help: &str,
        values: &[(Labels<'_>, impl EncodeCounterValue)],
    ) -> fmt::Result {
        let encoder = &mut *self.0;
        let mut family = encoder.encode_descriptor(name, help, None, MetricType::Counter)?;
        for (labels, value) in values {
            let mut sample = family.encode_family(labels)?;
            sample.encode_counter::<NoLabelSet, _, f64>(value, None)?;
        }
        Ok(())
    }

    /// How long things took, which was counted in microseconds.
    pub(super) fn seconds<'v>(
        &mut self,
        name: &str,
        help: &str,
        values: impl IntoIterator<Item = (Labels<'v>, &'v Distributed)>,
    ) -> fmt::Result {
        self.distributions(name, help, values, 1e-6)
    }

    /// How many things there were.
    pub(super) fn sizes(&mut self, name: &str, help: &str, value: &Distributed) -> fmt::Result {
        self.distributions(name, help, [(&[][..], value)], 1.0)
    }

    fn distributions<'v>(
        &mut self,
        name: &str,
        help: &str,
        values: impl IntoIterator<Item = (Labels<'v>, &'v Distributed)>,
        unit: f64,
    ) -> fmt::Result {
        let encoder = &mut *self.0;
        let mut family = encoder.encode_descriptor(name, help, None, MetricType::Histogram)?;
        for (labels, value) in values {
            let buckets = value.buckets.iter();
            let buckets: Vec<_> = buckets
                .map(|(bound, count)| (in_units(*bound, unit), *count))
                .collect();
            let sum = in_units(value.sum, unit);
            let mut sample = family.encode_family(&labels)?;
            sample.encode_histogram::<NoLabelSet>(sum, value.count, &buckets, None)?;
        }
        Ok(())
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "Prometheus knows no other numbers than these"
)]
fn in_units(value: u64, unit: f64) -> f64 {
    // A division gives the nearest number to 0.25, a multiplication by 1e-6 does not always.
    value as f64 / (1.0 / unit)
}
