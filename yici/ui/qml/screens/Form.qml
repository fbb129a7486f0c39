pragma ComponentBehavior: Bound
import QtQuick
import controls
import strings
import theme

// One group of the item's form.
KScreen {
    id: root

    typing: true

    title: root.view.title
    actions.primaryText: Strings.text("action.next")
    actions.onAdvanced: root.post("next_page", {})

    function put(key: string, value: var): void {
        root.post("answer", {
            key: key,
            value: value
        });
    }

    KSection {
        width: parent.width
        visible: root.view.known.length > 0

        KList {
            width: parent.width
            objectName: Strings.text("form.known")

            KText {
                width: parent.width
                leftPadding: Theme.mm(5)
                topPadding: Theme.mm(4)
                text: Strings.text("form.known")
                role: KText.Caption
                tone: KText.Secondary
            }
            KPool {
                id: known

                wanted: root.view.known.length

                KRow {
                    required property int index
                    readonly property var row: root.view.known[index]

                    visible: index < known.wanted
                    width: root.columnWidth
                    leads: false
                    text: row?.label ?? ""
                    value: row?.value ?? ""
                    secret: row?.secret ?? ""
                    valueTone: KText.Main
                    ruled: index < root.view.known.length - 1
                }
            }
        }
    }
    KPool {
        id: fields

        wanted: root.view.fields.length

        FormField {
            required property int index

            visible: index < fields.wanted
            width: root.columnWidth
            field: root.view.fields[index] ?? null
            onPut: value => root.put(field.key, value)
        }
    }
}
