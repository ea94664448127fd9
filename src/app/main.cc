#include "app/cli.h"

int main(int argc, char** argv) { return relight::app::run_cli(argc, argv, {}); }
