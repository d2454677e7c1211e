//! The countries that Twilio can report.

/// ISO 3166-1 alpha-2, and the codes that are used for Ascension, Kosovo and Tristan da Cunha, in order.
const CODES: &str = "\
    AC AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ \
    CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR \
    GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO \
    JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR \
    MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO \
    RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TA TC TD TF TG TH TJ TK TL TM TN TO TR TT \
    TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW";

/// Whether two capital letters name a country.
pub(crate) fn is_known(code: &str) -> bool {
    CODES.split(' ').any(|known| known == code)
}

#[cfg(test)]
mod tests {
    use super::{CODES, is_known};

    #[test]
    fn the_codes_are_those_of_the_standard_and_three_more() {
        let codes: Vec<&str> = CODES.split(' ').collect();
        assert_eq!(codes.len(), 249 + 3);
        assert!(codes.is_sorted());
        assert!(codes.iter().all(|code| code.len() == 2));
    }

    #[test]
    fn languages_and_habits_are_no_countries() {
        assert!(["US", "GB", "DE", "XK"].into_iter().all(is_known));
        assert!(!["UK", "EN", "JA", "EU", "", "U"].into_iter().any(is_known));
    }
}
