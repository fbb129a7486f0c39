pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Controls.Basic
import controls
import strings
import theme

// What would you like to do: search, progress, and what people here come for most.
KScreen {
    id: root

    wide: true
    title: Strings.text("home.title")
    lead: Strings.text("home.lead")
    // at the bottom, where it is within reach of those who need it
    actions.backText: !Theme.isPortrait ? "" : Theme.isLow ? Strings.text("home.raise") : Strings.text("home.lower")
    backEvent: Theme.isLow ? "raise_screen" : "lower_screen"
    actions.note: root.view.note
    actions.endText: ""

    Grid {
        id: parts

        width: parent.width
        columns: Theme.isPortrait ? 1 : 2
        spacing: Theme.mm(8)

        Column {
            id: left

            width: Theme.isPortrait ? parts.width : Math.round(parts.width * 0.48)
            spacing: Theme.mm(7)

            Repeater {
                model: root.view.troubles

                KNotice {
                    required property string modelData

                    width: left.width
                    kind: KNotice.Warn
                    body: modelData
                }
            }
            AbstractButton {
                id: search

                width: parent.width
                implicitHeight: Math.max(Theme.mm(23), Math.round(Theme.bodyPx * 2.8))
                visible: !Theme.isElder
                focusPolicy: Qt.TabFocus
                onClicked: root.post("start_search", {})
                Keys.onReturnPressed: click()

                Accessible.role: Accessible.Button
                Accessible.name: Strings.text("home.search")
                Accessible.onPressAction: click()

                background: Rectangle {
                    radius: Theme.radius
                    color: search.down ? Theme.pressed : Theme.surface
                    border.width: Theme.mm(0.6)
                    border.color: Theme.accent

                    KFocusRing {
                        shown: search.visualFocus
                    }
                }
                contentItem: Item {
                    KDrawing {
                        id: glass

                        name: "search"
                        main: Theme.accent
                        width: Math.round(Theme.bodyPx * 1.4)
                        height: width
                        anchors.left: parent.left
                        anchors.leftMargin: Theme.mm(5)
                        anchors.verticalCenter: parent.verticalCenter
                    }
                    KText {
                        anchors.left: glass.right
                        anchors.leftMargin: Theme.mm(4)
                        anchors.right: parent.right
                        anchors.verticalCenter: parent.verticalCenter
                        text: Strings.text("home.search")
                        tone: KText.Secondary
                        elide: Text.ElideRight
                        maximumLineCount: 1
                        Accessible.ignored: true
                    }
                }
            }
            Grid {
                width: parent.width
                columns: Theme.isElder || Theme.bodyPx > Theme.mm(9) ? 1 : 2
                columnSpacing: Theme.mm(5)
                rowSpacing: Theme.mm(5)

                readonly property real cell: (width - columnSpacing * (columns - 1)) / columns

                KTile {
                    width: parent.cell
                    visible: Theme.isElder
                    drawing: "apply"
                    text: Strings.text("home.find")
                    onClicked: root.post("start_search", {})
                }
                KTile {
                    width: parent.cell
                    drawing: "progress"
                    text: Strings.text("home.progress")
                    detail: Strings.text("home.progress_detail")
                    onClicked: root.post("ask_progress", {})
                }
                KTile {
                    width: parent.cell
                    drawing: "person"
                    text: Strings.text("home.person")
                    detail: Strings.text("home.person_detail")
                    onClicked: root.post("call_staff", {})
                }
            }
        }
        KSection {
            width: Theme.isPortrait ? parts.width : parts.width - left.width - parts.spacing

            Item {
                width: parent.width
                implicitHeight: heading.implicitHeight

                KText {
                    id: heading

                    anchors.left: parent.left
                    anchors.right: example.left
                    anchors.rightMargin: Theme.mm(4)
                    text: Strings.text("home.popular")
                    role: KText.Heading
                    Accessible.role: Accessible.Heading
                }
                KText {
                    id: example

                    anchors.right: parent.right
                    anchors.baseline: heading.baseline
                    text: root.view.illustrative ? Strings.text("guide.illustrative") : ""
                    role: KText.Caption
                    tone: KText.Secondary
                }
            }
            KList {
                id: list

                readonly property var shown: Theme.isElder ? root.view.popular.slice(0, 3) : root.view.popular

                width: parent.width
                objectName: Strings.text("home.popular")

                Repeater {
                    model: list.shown.length

                    KRow {
                        required property int index
                        readonly property var item: list.shown[index]

                        width: list.width
                        text: item.name
                        detail: item.detail
                        ruled: index < list.shown.length - 1
                        onClicked: root.post("choose_item", {
                            id: item.id
                        })
                    }
                }
            }
        }
    }
}
