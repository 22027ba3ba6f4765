# SPDX-License-Identifier: MIT
# `cmake --install`: the programs, what they read, the manual page and completions. Nothing of it has a path of the
# machine in it: run-bench finds all the rest from where it lies itself, so the tree may be moved.
include(GNUInstallDirs)

set(shared ${CMAKE_INSTALL_DATADIR}/probebench)
set(programs ${CMAKE_INSTALL_LIBEXECDIR}/probebench)

install(TARGETS probebench probebench-agent DESTINATION ${programs})
install(TARGETS path-plugin-1 path-plugin-2 path-plugin-3 DESTINATION ${programs})
install(PROGRAMS run-bench DESTINATION ${shared})
install(DIRECTORY kmod suites reports DESTINATION ${shared} USE_SOURCE_PERMISSIONS
        PATTERN __pycache__ EXCLUDE PATTERN published EXCLUDE PATTERN .gitignore EXCLUDE)
install(FILES harness/host/results/results.schema.json DESTINATION ${shared}/harness/host/results)
install(DIRECTORY ci/baselines DESTINATION ${shared}/ci)
install(FILES ci/packages ci/packages.others ci/dependencies.sh ci/kernels.toml
              ci/kernels.ubuntu.toml ci/reference.toml DESTINATION ${shared}/ci)
install(FILES README.md CHANGELOG.md CITATION.cff LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR}/docs)
install(DIRECTORY LICENSES DESTINATION ${CMAKE_INSTALL_DOCDIR})

# As the program parses its options, so it writes them.
function(probebench_install_manual form file)
  install(CODE "
    set(file \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_DATADIR}/${file}\")
    get_filename_component(folder \"\${file}\" DIRECTORY)
    file(MAKE_DIRECTORY \"\${folder}\")
    execute_process(COMMAND \"$<TARGET_FILE:probebench>\" manual ${form} OUTPUT_FILE \"\${file}\"
                    COMMAND_ERROR_IS_FATAL ANY)
    message(STATUS \"Installing: \${file}\")")
endfunction()
probebench_install_manual(man man/man1/run-bench.1)
probebench_install_manual(bash bash-completion/completions/run-bench)
probebench_install_manual(zsh zsh/site-functions/_run-bench)
probebench_install_manual(fish fish/vendor_completions.d/run-bench.fish)

install(CODE "
  set(folder \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_BINDIR}\")
  file(MAKE_DIRECTORY \"\${folder}\")
  file(CREATE_LINK ../${shared}/run-bench \"\${folder}/run-bench\" SYMBOLIC)
  message(STATUS \"Installing: \${folder}/run-bench\")")
