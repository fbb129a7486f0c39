pragma ComponentBehavior: Bound
import QtQuick
import controls
import strings
import theme

// Type the code of the slip, see how the matter stands.
KScreen {
    id: root

    typing: true
    firstField: root.found === null ? code : null

    readonly property var found: root.view.case ?? null

    title: Strings.text("progress.title")
    lead: root.found === null ? root.view.lead : ""
    actions.primaryText: root.found === null ? Strings.text("progress.look") : Strings.text("progress.another")
    actions.onAdvanced: root.found === null ? root.post("look_up_progress", {}) : root.post("progress_code", {
        text: ""
    })

    KField {
        id: code

        width: parent.width
        visible: root.found === null
        label: Strings.text("progress.code")
        placeholder: Strings.text("progress.example")
        text: root.view.code
        error: root.view.error
        inputKind: "code"
        maximumLength: 14
        focus: root.found === null
        enabled: root.found === null
        onEdited: text => root.post("progress_code", {
                text: text
            })
    }
    Column {
        width: parent.width
        visible: root.found !== null
        spacing: Theme.mm(6)

        KText {
            width: parent.width
            text: root.found?.name ?? ""
            role: KText.Heading
        }
        KNotice {
            width: parent.width
            kind: ["info", "ok", "warn", "danger"].indexOf(root.found?.tone ?? "info")
            title: root.found?.state_label ?? ""
            body: root.found?.detail ?? ""
        }
        Column {
            width: parent.width

            KPool {
                id: points

                wanted: root.found?.steps.length ?? 0

                Item {
                    id: line

                    required property int index
                    readonly property var point: root.found?.steps[index] ?? ({
                            label: "",
                            time: "",
                            done: false
                        })
                    readonly property bool last: index === (root.found?.steps.length ?? 0) - 1

                    visible: line.index < points.wanted
                    width: root.columnWidth
                    height: Math.max(Theme.mm(14), label.implicitHeight + Theme.mm(6))

                    Rectangle {
                        width: Theme.mm(0.8)
                        x: Theme.mm(4) - width / 2
                        y: dot.y + dot.height
                        height: parent.height - dot.height
                        visible: !line.last
                        color: line.point.done ? Theme.accent : Theme.rule
                    }
                    Rectangle {
                        id: dot

                        width: Theme.mm(4.6)
                        height: width
                        radius: width / 2
                        x: Theme.mm(4) - width / 2
                        y: Theme.mm(1)
                        color: line.point.done ? Theme.accent : Theme.page
                        border.width: Theme.mm(0.7)
                        border.color: line.point.done ? Theme.accent : Theme.line
                    }
                    KText {
                        id: label

                        anchors.left: dot.right
                        anchors.leftMargin: Theme.mm(5)
                        anchors.right: time.left
                        text: line.point.label
                        tone: line.point.done ? KText.Main : KText.Secondary
                        strong: line.point.done
                    }
                    KText {
                        id: time

                        anchors.right: parent.right
                        text: line.point.time
                        tone: KText.Secondary
                    }
                }
            }
        }
    }
}
