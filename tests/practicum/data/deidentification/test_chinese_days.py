"""Days, months and high ages in Chinese text: what the clause around a number makes of it."""

import pytest

from practicum.data.deidentification.chinese_days import find_chinese_ages, find_chinese_days


def days(text: str) -> list[str]:
    return [text[one.start : one.end] for one in sorted(find_chinese_days(text))]


def ages(text: str) -> list[str]:
    return [text[one.start : one.end] for one in sorted(find_chinese_ages(text))]


@pytest.mark.parametrize(
    ("text", "dates"),
    [
        ("4/17行冠脉造影，4.20出院。", ["4/17", "4.20"]),
        ("下次8.1，约了复查", ["8.1"]),
        ("原定7/19手术，推迟至7/26。", ["7/19", "7/26"]),
        ("AE：03-09跌倒，轻度", ["03-09"]),
        ("于2019.4查出结节", ["2019.4"]),
        ("150429 22:31 来电", ["150429"]),
        ("过了3月就好", ["3月"]),
        ("日期　姓名　年龄\n8.18　安敏　19\n", ["8.18"]),
    ],
)
def test_days(text: str, dates: list[str]) -> None:
    assert days(text) == dates


@pytest.mark.parametrize(
    "text",
    [
        "肌酐3.12升至4.25，白蛋白3.5，INR 2.3",
        "\n3.1 诊断标准\n3.2 治疗原则",
        "约2/3患者有效，每日1/2片，间隔5-7天",
        "BMI 9.12偏低，距肛门5-8公分",
        "批号：2019-04，费用2019.5元",
    ],
)
def test_values_fractions_and_sections_are_no_days(text: str) -> None:
    assert days(text) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("老太太都九十七的人了", ["九十七"]),
        ("大姐活到九十，父亲81岁去世", ["九十"]),
        ("李奶奶（九十出头），儿媳接", ["九十出头"]),
        ("太爷爷活到102才走", ["102"]),
        ("过了3月就一百了。", ["一百"]),
        ("女　　092Y　　检查", ["092"]),
        ("姓名　年龄　诊断\n林小红　96　脑梗\n", ["96"]),
        ("血压一百九十五，低压九十，心率九十二。", []),
        ("花了九十块，走个90来步，喝了九十毫升水", []),
    ],
)
def test_ages(text: str, found: list[str]) -> None:
    assert ages(text) == found
