pragma ComponentBehavior: Bound
import QtQuick
import QtQml
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

    // questions with many answers, by their keys: to write 56 names anew takes longer than a frame,
    // so their lists stay as they are and go where their question is asked
    readonly property var longKeys: root.view.fields.filter(field => field.narrow).map(field => field.key)

    onLongKeysChanged: longChoices.keep(root.longKeys)

    ListModel {
        id: longChoices

        function keep(keys: var): void {
            for (const key of keys) {
                let at = 0;
                while (at < count && get(at).key !== key)
                    at += 1;
                if (at === count)
                    append({
                        key: key
                    });
            }
        }
    }
    Instantiator {
        model: longChoices

        FormChoice {
            required property string key
            readonly property int place: root.view.fields.findIndex(asked => asked.key === key)

            parent: place >= 0 && place < fields.count ? fields.itemAt(place) : null
            width: root.columnWidth
            field: root.view.fields[place] ?? null
            onPut: value => root.put(key, value)
        }
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
