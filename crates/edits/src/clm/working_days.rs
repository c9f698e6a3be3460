//! The days on which federal offices are open.

use codes::Date;

/// The day itself if it is a working day, else the next that is: neither a Saturday, a Sunday nor a federal holiday.
pub(super) fn next_working_day(mut day: Date) -> Date {
    // The longest run is Saturday, Sunday and a Monday that is a holiday.
    while is_weekend(day) || is_holiday(day) {
        day = day.next();
    }
    day
}

/// 0 is Monday.
fn weekday(day: Date) -> i32 {
    // 1970-01-01 was a Thursday.
    (day.days() + 3).rem_euclid(7)
}

fn is_weekend(day: Date) -> bool {
    weekday(day) >= 5
}

/// Whether the day is kept as a federal holiday (5 U.S.C. 6103): one that falls on a Saturday is kept on the Friday
/// before, one on a Sunday on the Monday after.
fn is_holiday(day: Date) -> bool {
    let kept = match weekday(day) {
        0 => [Some(day.previous()), Some(day)],
        4 => [Some(day), Some(day.next())],
        _ => [None, Some(day)],
    };
    let fixed = kept.into_iter().flatten().any(|day| match day.calendar() {
        (_, 1, 1) | (_, 7, 4) | (_, 11, 11) | (_, 12, 25) => true,
        (year, 6, 19) => year >= 2021,
        _ => false,
    });
    fixed || is_moving_holiday(day)
}

/// Martin Luther King's birthday and Washington's (the third Mondays of January and February), Memorial Day (the last
/// of May), Labor Day (the first of September), Columbus Day (the second of October), Thanksgiving (the fourth
/// Thursday of November).
fn is_moving_holiday(day: Date) -> bool {
    let (_, month, date) = day.calendar();
    let week = (date - 1) / 7 + 1;
    match weekday(day) {
        0 => matches!((month, week), (1 | 2, 3) | (9, 1) | (10, 2)) || month == 5 && date + 7 > 31,
        3 => (month, week) == (11, 4),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn day(text: &str) -> Date {
        Date::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn weekends_and_holidays_move_to_the_next_working_day() {
        for (from, expected) in [
            ("2025-10-03", "2025-10-03"),
            ("2025-10-04", "2025-10-06"),
            ("2025-10-05", "2025-10-06"),
            // Columbus Day is a Monday.
            ("2025-10-11", "2025-10-14"),
            // The fourth of July 2026 is a Saturday, kept on the Friday.
            ("2026-07-03", "2026-07-06"),
            // New Year 2023 was a Sunday, kept on the Monday.
            ("2022-12-31", "2023-01-03"),
            ("2025-11-27", "2025-11-28"),
            ("2020-06-19", "2020-06-19"),
            ("2024-06-19", "2024-06-20"),
        ] {
            assert_eq!(next_working_day(day(from)), day(expected), "{from}");
        }
    }

    #[test]
    fn every_year_keeps_its_holidays() {
        // As the Office of Personnel Management lists them.
        let kept = [
            "2025-01-01",
            "2025-01-20",
            "2025-02-17",
            "2025-05-26",
            "2025-06-19",
            "2025-07-04",
            "2025-09-01",
            "2025-10-13",
            "2025-11-11",
            "2025-11-27",
            "2025-12-25",
        ];
        let first = day("2025-01-01").days();
        let found: Vec<Date> =
            (first..first + 365).map(Date::from_days).filter(|&day| !is_weekend(day) && is_holiday(day)).collect();
        assert_eq!(found, kept.map(day));
    }
}
