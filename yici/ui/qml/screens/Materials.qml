pragma ComponentBehavior: Bound
import QtQuick
import controls
import strings
import theme

// What is needed, what is already there and why, what is still to be photographed.
KScreen {
    id: root

    title: Strings.text("materials.title")
    lead: Strings.text("materials.lead")
    actions.primaryText: Strings.text("materials.next")
    actions.primaryEnabled: root.view.all_met
    actions.onAdvanced: root.post("next", {})

    KNotice {
        width: parent.width
        visible: !root.view.all_met
        kind: KNotice.Info
        body: Strings.text("materials.open_left")
    }
    KList {
        width: parent.width
        objectName: Strings.text("materials.title")

        Repeater {
            model: root.view.materials.length

            Column {
                id: entry

                required property int index
                readonly property var material: root.view.materials[index] ?? ({})
                readonly property string standing: entry.material.state ?? ""
                readonly property bool leads: entry.standing !== "card_read" && entry.standing !== "storing"

                width: root.columnWidth

                KRow {
                    width: parent.width
                    leads: entry.leads
                    text: entry.material.name ?? ""
                    detail: entry.material.detail ?? ""
                    value: entry.material.state_label ?? ""
                    valueTone: ({
                            open: KText.Warn,
                            captured: KText.Ok,
                            card_read: KText.Ok
                        })[entry.standing] ?? KText.Secondary
                    drawing: ({
                            captured: "tick",
                            card_read: "tick",
                            deferred: "progress",
                            storing: "progress"
                        })[entry.standing] ?? "camera"
                    drawingMain: entry.standing === "captured" || entry.standing === "card_read" ? Theme.ok : Theme.text
                    ruled: !later.visible && entry.index < root.view.materials.length - 1
                    onClicked: root.post("capture", {
                        key: entry.material.key
                    })
                }
                KButton {
                    id: later

                    x: Theme.mm(12)
                    kind: KButton.Quiet
                    visible: entry.standing === "open" && (entry.material.deferrable ?? false)
                    text: Strings.text("materials.later")
                    Accessible.name: text + " " + (entry.material.name ?? "")
                    onClicked: root.post("defer", {
                        key: entry.material.key
                    })
                }
            }
        }
    }
    KText {
        width: Math.min(parent.width, Theme.measure)
        text: Strings.text("materials.privacy")
        tone: KText.Secondary
    }
}
