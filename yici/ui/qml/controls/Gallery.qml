import QtQuick

// Every control once: for those who build screens.
KScreen {
    id: root

    view: ({})
    task: "城乡居民基本医疗保险参保登记"
    step: 3
    stepCount: 6
    title: "请填写您的联系方式"
    lead: "我们只在办这件事需要时联系您。没有手机可以不填，结果由村级代办员转告。"
    actions.backText: "上一步"
    actions.primaryText: "下一步，看材料"

    KField {
        width: root.columnWidth
        label: "手机号码"
        help: "11 位数字"
        text: "13800001234"
        inputKind: "mobile"
    }
    KField {
        width: root.columnWidth
        label: "现居住地址"
        error: "地址没有填完。请写到村民小组或门牌号。"
        text: "大围山镇中岳村"
    }
    KChoice {
        width: root.columnWidth
        label: "用途"
        options: [
            {
                value: "a",
                label: "入学"
            },
            {
                value: "b",
                label: "购房"
            },
            {
                value: "c",
                label: "贷款"
            }
        ]
        chosen: ["b"]
    }
    KChoice {
        width: root.columnWidth
        label: "险种"
        many: true
        options: [
            {
                value: "a",
                label: "企业职工养老"
            },
            {
                value: "b",
                label: "失业"
            }
        ]
        chosen: ["a"]
    }
    KNotice {
        width: root.columnWidth
        kind: KNotice.Ok
        title: "已存好·尚未送达"
        body: "连上网后自动送出，您不用再来。"
    }
    KNotice {
        width: root.columnWidth
        kind: KNotice.Warn
        title: "打印机缺纸"
        body: "仍可办理，请记下屏幕上的回执码。"
    }
    KList {
        width: root.columnWidth

        KRow {
            width: root.columnWidth
            text: "居民户口簿（首页及本人页）"
            detail: "请放在高拍仪下"
            value: "待拍"
            valueTone: KText.Warn
        }
        KRow {
            width: root.columnWidth
            text: "姓名"
            value: "张*例"
            leads: false
            ruled: false
        }
    }
    KBusy {
        text: "正在读卡，请不要拿开"
    }
    KTile {
        width: root.columnWidth
        text: "查进度"
        detail: "用回执上的回执码"
        drawing: "progress"
    }
}
