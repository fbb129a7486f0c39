/* What another library of the same maker is linked against. */

int neighbour(void)
{
    return 77;
}
