import QtQuick
import controls
import strings

// The way in without a card: name and number typed, the papers shown later.
KScreen {
    id: root

    typing: true
    firstField: name

    title: Strings.text("typed.title")
    lead: Strings.text("typed.lead")
    actions.primaryText: Strings.text("action.next")
    actions.onAdvanced: root.post("confirm_typed", {})

    KField {
        id: name

        width: parent.width
        label: Strings.text("typed.name")
        text: root.view.name
        error: root.view.name_error
        inputKind: "name"
        maximumLength: 30
        focus: true
        onEdited: text => root.post("typed_name", {
                text: text
            })
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
        onEdited: text => root.post("typed_number", {
                text: text
            })
    }
}
