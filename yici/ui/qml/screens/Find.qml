pragma ComponentBehavior: Bound
import QtQuick
import controls
import strings
import theme

// Search by what people call it; the list follows every key.
KScreen {
    id: root

    typing: true
    firstField: field

    readonly property bool searching: root.view.query !== "" || root.view.category !== ""

    title: root.view.category === "" ? Strings.text("find.title") : root.view.category

    KField {
        id: field

        width: parent.width
        placeholder: Strings.text("find.placeholder")
        text: root.view.query
        inputKind: "pinyin"
        focus: true
        onEdited: text => root.post("search", {
                text: text
            })
    }
    KNotice {
        width: parent.width
        visible: root.searching && root.view.results.length === 0
        title: Strings.text("find.nothing")
        body: Strings.text("find.nothing_help")
    }
    // one of the two is in the window
    KSection {
        width: root.columnWidth
        parent: root.searching && root.view.results.length > 0 ? root.body : null

        KList {
            width: parent.width
            objectName: Strings.text("find.results")

            KPool {
                id: results

                wanted: root.view.results.length

                KRow {
                    required property int index
                    readonly property var item: root.view.results[index]

                    visible: index < results.wanted
                    width: root.columnWidth
                    text: item?.name ?? ""
                    detail: item?.detail ?? ""
                    value: item?.tag ?? ""
                    ruled: index < root.view.results.length - 1
                    onClicked: root.post("choose_item", {
                        id: item.id
                    })
                }
            }
        }
    }
    KSection {
        width: root.columnWidth
        parent: root.searching ? null : root.body
        title: Strings.text("find.categories")

        Grid {
            id: categories

            width: parent.width
            columns: Theme.isElder || Theme.bodyPx > Theme.mm(9) ? 1 : 2
            columnSpacing: Theme.gap
            rowSpacing: Theme.gap

            readonly property real cell: (width - columnSpacing * (columns - 1)) / columns

            KPool {
                id: tiles

                wanted: root.view.categories.length

                KTile {
                    required property int index
                    readonly property var category: root.view.categories[index]

                    visible: index < tiles.wanted
                    width: categories.cell
                    compact: true
                    text: category?.name ?? ""
                    detail: Strings.format("find.count", {
                        count: category?.count ?? 0
                    })
                    onClicked: root.post("choose_category", {
                        id: category.id
                    })
                }
            }
        }
    }
}
