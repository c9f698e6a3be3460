//! What payers differ in and edits ask for: the parameters of built-in edits.

use codes::Date;

/// How long after the service a payer takes a claim.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum TimelyFiling {
    /// One calendar year: Medicare's limit (42 CFR 424.44; Medicare Claims Processing Manual ch. 1 §70).
    CalendarYear,
    /// So many days.
    Days(u16),
    /// So many calendar months.
    Months(u16),
}

/// By whom lines must be given for an NCCI pair, a unit limit or an add-on code to look at them together.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum ProviderIdentity {
    /// The rendering provider, else the billing one: what NCCI says.
    #[default]
    Rendering,
    /// The billing provider, whoever rendered: payers that take a group as one provider.
    Billing,
}

/// What a claim's payer asks of the built-in edits. [`Settings::DEFAULT`] unless a policy of the payer says
/// otherwise.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Settings {
    /// How long the payer takes claims; `None` where it sets no limit.
    pub timely_filing: Option<TimelyFiling>,
    /// Whose lines count as the same provider's.
    pub provider_identity: ProviderIdentity,
    /// Whether the payer pays by Medicare's rules: status indicators, coverage, who may be billed.
    pub follows_medicare: bool,
    /// Whether the payer asks for the national drug code of every drug, as Medicaid programs do.
    pub requires_ndc: bool,
}

impl Settings {
    /// Medicare's, whose tables the built-in edits read.
    pub const DEFAULT: Settings = Settings {
        timely_filing: Some(TimelyFiling::CalendarYear),
        provider_identity: ProviderIdentity::Rendering,
        follows_medicare: true,
        requires_ndc: false,
    };
}

impl Default for Settings {
    fn default() -> Settings {
        Settings::DEFAULT
    }
}

impl TimelyFiling {
    /// The fewest days from a service to its last day, whatever the calendar: so soon a claim is never late.
    #[inline]
    pub(crate) fn fewest_days(self) -> i32 {
        match self {
            TimelyFiling::CalendarYear => 365,
            TimelyFiling::Days(days) => days.into(),
            TimelyFiling::Months(months) => 28 * i32::from(months),
        }
    }

    /// The last day on which a claim of this day's service is taken, before any rule about weekends. A service of
    /// 29 February has until 28 February a year later; a month without the day ends on its last.
    ///
    /// ```
    /// use cleanclaim_edits::TimelyFiling;
    /// use codes::Date;
    /// let day = |text: &str| Date::parse(text.as_bytes()).unwrap();
    /// assert_eq!(TimelyFiling::CalendarYear.last_day(day("2024-02-29")), day("2025-02-28"));
    /// assert_eq!(TimelyFiling::Days(90).last_day(day("2025-01-01")), day("2025-04-01"));
    /// assert_eq!(TimelyFiling::Months(6).last_day(day("2025-08-31")), day("2026-02-28"));
    /// ```
    pub fn last_day(self, service: Date) -> Date {
        match self {
            TimelyFiling::CalendarYear => service.add_months(12),
            TimelyFiling::Days(days) => Date::from_days(service.days().saturating_add(days.into())),
            TimelyFiling::Months(months) => service.add_months(months.into()),
        }
    }
}
