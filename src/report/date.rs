//! Calendar days.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, ErrorKind};

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// A day of the Gregorian calendar, from 0001-01-01 to 9999-12-31.
///
/// Parsed from and printed as `YYYY-MM-DD`.
///
/// ```
/// use demarche::report::Date;
///
/// let date: Date = "2024-02-29".parse()?;
/// assert_eq!(date.to_string(), "2024-02-29");
/// assert!("2023-02-29".parse::<Date>().is_err());
/// # Ok::<(), demarche::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: i32,
    month: u8,
    day: u8,
}

impl Date {
    /// The day, `None` where the calendar has no such day.
    pub fn new(year: i32, month: u8, day: u8) -> Option<Self> {
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let last = match month {
            2 if leap => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
        let is_day = (1..=9999).contains(&year) && (1..=12).contains(&month) && (1..=last).contains(&day);
        is_day.then_some(Self { year, month, day })
    }

    /// The number of months since the beginning of year 0.
    pub(super) fn months(self) -> i32 {
        self.year * 12 + i32::from(self.month) - 1
    }

    pub(super) fn year(self) -> i32 {
        self.year
    }

    /// The number of days since 1970-01-01 (Hinnant, "chrono-compatible low-level date algorithms": years begin in March).
    pub(super) fn days(self) -> i32 {
        let month = i32::from(self.month);
        let year = if month <= 2 { self.year - 1 } else { self.year };
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + i32::from(self.day) - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        era * 146_097 + day_of_era - 719_468
    }

    /// The day of this number; `None` outside the years 1 to 9999.
    pub(super) fn from_days(days: i32) -> Option<Self> {
        let days = days.checked_add(719_468)?;
        let day_of_era = days.rem_euclid(146_097);
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let month = (month_from_march + 2) % 12 + 1;
        let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
        let year = year_of_era + days.div_euclid(146_097) * 400 + i32::from(month <= 2);
        Date::new(year, u8::try_from(month).ok()?, u8::try_from(day).ok()?)
    }

    /// The day and month in words, short: `2 Oct`.
    pub(super) fn short(self) -> String {
        format!("{} {}", self.day, self.month_short())
    }

    /// The month in words, short: `Oct 2026`.
    pub(super) fn short_month(self) -> String {
        format!("{} {}", self.month_short(), self.year)
    }

    /// In words: `2 October 2026`.
    pub(super) fn long(self) -> String {
        format!("{} {} {}", self.day, self.month_name(), self.year)
    }

    fn month_name(self) -> &'static str {
        MONTHS.get(usize::from(self.month) - 1).copied().unwrap_or("")
    }

    fn month_short(self) -> &'static str {
        self.month_name().get(..3).unwrap_or("")
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl FromStr for Date {
    type Err = Error;

    fn from_str(s: &str) -> Result<Self, Error> {
        let digits = |range| s.get(range).filter(|part: &&str| part.bytes().all(|byte| byte.is_ascii_digit()));
        let has_form = s.len() == 10 && s.get(4..5) == Some("-") && s.get(7..8) == Some("-");
        let parse = || {
            let year = digits(0..4)?.parse().ok()?;
            let month = digits(5..7)?.parse().ok()?;
            Date::new(year, month, digits(8..10)?.parse().ok()?)
        };
        parse().filter(|_| has_form).ok_or_else(|| {
            Error::new(ErrorKind::Data, format!("{s:?} is no date")).help("write YYYY-MM-DD, for example 2026-10-02")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_over_leap_years_and_centuries() {
        let days = |s: &str| s.parse::<Date>().unwrap().days();
        assert_eq!(days("1970-01-01"), 0);
        assert_eq!(days("2000-03-01") - days("2000-02-28"), 2);
        assert_eq!(days("2100-03-01") - days("2100-02-28"), 1);
        assert_eq!(days("2026-11-22"), 20_779);
        assert_eq!(days("0001-01-01"), -719_162);
        for day in (-719_162..2_932_896).step_by(97) {
            assert_eq!(Date::from_days(day).unwrap().days(), day);
        }
        assert_eq!((Date::from_days(-719_163), Date::from_days(i32::MAX)), (None, None));
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "",
            "2026",
            "2026-13-01",
            "2026-04-31",
            "0000-01-01",
            "2026-1-01",
            "2026/01/01",
            "2026-01-01T00",
            "２０26-1",
            "+026-01-01",
        ] {
            let error = text.parse::<Date>().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Data, "{text}");
        }
    }
}
