use serde::{Deserialize, Serialize};

use crate::bench::RowId;

/// One figure of a row.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(in crate::bench) struct Measure {
    pub(in crate::bench) row: RowId,
    /// Which one of the row.
    pub(in crate::bench) what: String,
    pub(in crate::bench) figure: f64,
    pub(in crate::bench) unit: String,
    /// Something else that was measured in the same run, in the same unit.
    pub(in crate::bench) reference: Option<Reference>,
    pub(in crate::bench) bar: Option<Bar>,
}

/// What a figure is held against.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(in crate::bench) struct Reference {
    pub(in crate::bench) what: String,
    pub(in crate::bench) figure: f64,
}

/// What the figure, or its ratio to the reference, is to be.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::bench) enum Bar {
    /// The figure.
    AtMost(f64),
    /// Figure over reference.
    RatioAtLeast(f64),
    /// Figure over reference.
    RatioAtMost(f64),
}

impl Measure {
    /// A figure that nothing is asked of.
    pub(in crate::bench) fn new(row: RowId, what: &str, figure: f64, unit: &str) -> Self {
        Self {
            row,
            what: what.to_owned(),
            figure,
            unit: unit.to_owned(),
            reference: None,
            bar: None,
        }
    }

    pub(in crate::bench) fn bar(self, bar: Bar) -> Self {
        Self {
            bar: Some(bar),
            ..self
        }
    }

    pub(in crate::bench) fn against(self, what: &str, figure: f64) -> Self {
        let what = what.to_owned();
        Self {
            reference: Some(Reference { what, figure }),
            ..self
        }
    }

    /// Figure over reference.
    pub(in crate::bench) fn ratio(&self) -> Option<f64> {
        let reference = self.reference.as_ref()?;
        (reference.figure > 0.0).then(|| self.figure / reference.figure)
    }

    /// Whether the bar is met; `None` without one, or without the reference it speaks of.
    pub(in crate::bench) fn met(&self) -> Option<bool> {
        Some(match self.bar? {
            Bar::AtMost(most) => self.figure <= most,
            Bar::RatioAtLeast(least) => self.ratio()? >= least,
            Bar::RatioAtMost(most) => self.ratio()? <= most,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measure(figure: f64) -> Measure {
        Measure::new(RowId::F4, "pages", figure, "/s")
    }

    #[test]
    fn a_bar_is_about_the_figure_or_about_its_ratio() {
        assert_eq!(measure(2.0).met(), None);
        assert_eq!(measure(2.0).bar(Bar::AtMost(2.0)).met(), Some(true));
        assert_eq!(measure(2.1).bar(Bar::AtMost(2.0)).met(), Some(false));
        let half = measure(5.0).against("static", 10.0);
        assert_eq!(half.ratio(), Some(0.5));
        let half = |bar| half.clone().bar(bar).met();
        assert_eq!(half(Bar::RatioAtLeast(0.5)), Some(true));
        assert_eq!(half(Bar::RatioAtLeast(0.6)), Some(false));
        assert_eq!(half(Bar::RatioAtMost(0.5)), Some(true));
        assert_eq!(half(Bar::RatioAtMost(0.4)), Some(false));
    }

    #[test]
    fn a_bar_without_its_reference_is_neither_met_nor_missed() {
        assert_eq!(measure(5.0).bar(Bar::RatioAtLeast(0.1)).met(), None);
        let of_nothing = measure(5.0).against("static", 0.0);
        assert_eq!(of_nothing.bar(Bar::RatioAtLeast(0.1)).met(), None);
    }
}
