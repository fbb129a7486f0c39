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
    actions.onAdvanced: root.post("materials_done", {})

    KNotice {
        width: parent.width
        visible: root.view.problem !== ""
        kind: KNotice.Danger
        body: root.view.problem
    }
    KNotice {
        width: parent.width
        visible: !root.view.all_met && root.view.problem === ""
        kind: KNotice.Info
        body: Strings.text("materials.open_left")
    }
    KList {
        width: parent.width
        objectName: Strings.text("materials.title")

        KPool {
            id: materials

            wanted: root.view.materials.length

            Column {
                id: entry

                required property int index
                readonly property var material: root.view.materials[index] ?? ({})
                readonly property string standing: entry.material.state ?? ""
                readonly property bool leads: ["open", "optional", "captured", "deferred"].includes(entry.standing)

                visible: entry.index < materials.wanted
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
                            card_read: KText.Ok,
                            exempt: KText.Ok
                        })[entry.standing] ?? KText.Secondary
                    drawing: ({
                            captured: "tick",
                            card_read: "tick",
                            exempt: "tick",
                            deferred: "progress",
                            storing: "progress"
                        })[entry.standing] ?? "camera"
                    drawingMain: ["captured", "card_read", "exempt"].includes(entry.standing) ? Theme.ok : Theme.text
                    ruled: false
                    onClicked: root.post("start_capture", {
                        key: entry.material.key
                    })
                }
                Item {
                    visible: later.offered || drop.offered || scan.offered
                    width: parent.width
                    height: later.height + 2 * Theme.gap

                    KButton {
                        id: scan

                        readonly property bool offered: root.view.can_scan && ["open", "optional", "deferred"].includes(entry.standing)

                        y: Theme.gap
                        x: later.offered ? later.x + later.width + Theme.gap : later.x
                        kind: KButton.Quiet
                        visible: scan.offered
                        text: Strings.text("materials.scan")
                        Accessible.name: text + " " + (entry.material.name ?? "")
                        onClicked: root.post("start_scan", {
                            key: entry.material.key
                        })
                    }
                    KButton {
                        id: later

                        readonly property bool offered: entry.standing === "open" && (entry.material.deferrable ?? false)

                        y: Theme.gap
                        x: Theme.mm(9) + Math.round(Theme.bodyPx * 1.5) - leftPadding
                        kind: KButton.Quiet
                        visible: later.offered
                        text: Strings.text("materials.later")
                        Accessible.name: text + " " + (entry.material.name ?? "")
                        onClicked: root.post("defer_material", {
                            key: entry.material.key
                        })
                    }
                    KButton {
                        id: drop

                        readonly property bool offered: entry.standing === "captured"

                        x: later.x
                        y: later.y
                        kind: KButton.Quiet
                        visible: drop.offered
                        text: Strings.text("materials.drop")
                        Accessible.name: text + " " + (entry.material.name ?? "")
                        onClicked: root.post("drop_material", {
                            key: entry.material.key
                        })
                    }
                }
                Rectangle {
                    x: Theme.mm(5)
                    width: parent.width - 2 * x
                    height: Theme.hairline
                    color: Theme.rule
                    visible: entry.index < root.view.materials.length - 1
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
