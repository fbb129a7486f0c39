pragma ComponentBehavior: Bound
import QtQuick
import controls
import strings
import theme

// Everything on one page before it is signed.
KScreen {
    id: root

    title: Strings.text("review.title")
    lead: Strings.text("review.lead")
    actions.primaryText: root.view.signature_needed ? Strings.text("review.next") : Strings.text("sign.submit")
    actions.onAdvanced: root.post(root.view.signature_needed ? "to_signature" : "submit", {})

    KNotice {
        width: parent.width
        visible: root.view.problem !== ""
        kind: KNotice.Danger
        title: root.view.problem
    }

    KPool {
        id: sections

        wanted: root.view.sections.length

        Column {
            id: section

            required property int index
            readonly property var part: root.view.sections[index] ?? ({
                    title: "",
                    rows: []
                })

            visible: section.index < sections.wanted
            width: root.columnWidth
            spacing: Theme.mm(2)

            KText {
                width: parent.width
                text: section.part.title
                role: KText.Heading
                Accessible.role: Accessible.Heading
            }
            KList {
                width: parent.width

                KPool {
                    id: rows

                    wanted: section.part.rows.length

                    KRow {
                        required property int index
                        readonly property var row: section.part.rows[index]

                        visible: index < rows.wanted
                        width: root.columnWidth
                        leads: false
                        text: row?.label ?? ""
                        value: row?.value ?? ""
                        secret: row?.secret ?? ""
                        valueTone: KText.Main
                        ruled: index < section.part.rows.length - 1
                    }
                }
            }
        }
    }
}
