import QtQuick
import controls
import strings

// The way in without a card: name and number typed, the papers shown later.
KScreen {
    id: root

    title: Strings.text("typed.title")
    lead: Strings.text("typed.lead")
    actions.primaryText: Strings.text("action.next")
    actions.onAdvanced: root.post("identity_typed", {
        name: name.text,
        id_number: number.text
    })

    KField {
        id: name

        width: parent.width
        label: Strings.text("typed.name")
        text: root.view.name
        error: root.view.name_error
        inputKind: "pinyin"
        maximumLength: 30
        focus: true
    }
    KField {
        id: number

        width: parent.width
        label: Strings.text("typed.id_number")
        help: Strings.text("typed.id_number_help")
        text: root.view.id_number
        error: root.view.id_number_error
        inputKind: "id_number"
        maximumLength: 18
    }
}
