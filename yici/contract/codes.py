"""National code sets, as data: what a code means to a reader.

Sources: GB/T 2261.1-2003 (sex), GB/T 3304-1991 (nations). A code that is not in a table is shown
as it is; it never makes a card unreadable.
"""

from yici.contract.people import Sex

SEX_NAMES: dict[Sex, str] = {
    Sex.UNKNOWN: "未知的性别",
    Sex.MALE: "男",
    Sex.FEMALE: "女",
    Sex.NOT_STATED: "未说明的性别",
}

_NATIONS_IN_ORDER = (
    "汉 蒙古 回 藏 维吾尔 苗 彝 壮 布依 朝鲜 满 侗 瑶 白 土家 哈尼 哈萨克 傣 黎 傈僳 佤 畲 高山 拉祜 水 "
    "东乡 纳西 景颇 柯尔克孜 土 达斡尔 仫佬 羌 布朗 撒拉 毛南 仡佬 锡伯 阿昌 普米 塔吉克 怒 乌孜别克 俄罗斯 "
    "鄂温克 德昂 保安 裕固 京 塔塔尔 独龙 鄂伦春 赫哲 门巴 珞巴 基诺"
).split()

NATION_NAMES: dict[str, str] = {
    **{f"{number:02}": name for number, name in enumerate(_NATIONS_IN_ORDER, start=1)},
    # not in the standard, but on cards
    "97": "其他",
    "98": "外国血统中国籍人士",
}


def nation_name(code: str) -> str:
    """The nation's name without 族; an unknown code itself."""
    return NATION_NAMES.get(code, code)
