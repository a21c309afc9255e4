# For The Littlest JupyterHub: run as root on its server, once. The learners' Python gets what the
# course needs. Their kernel uses one thread for BLAS, and the initlib that came with the learner's
# notebooks. An update leaves a chapter whole that its learner has worked in.
REPOSITORY=https://example.org/REPOSITORY.git  # a placeholder: the address of your copy

/opt/tljh/user/bin/python -m pip install nbgitpuller "git+$REPOSITORY"
/opt/tljh/user/bin/python -m ipykernel install --sys-prefix --env PYTHONPATH '${HOME}/course' \
    --env OPENBLAS_NUM_THREADS 1 --env OMP_NUM_THREADS 1 --env MKL_NUM_THREADS 1
git config --system merge.default binary

tljh-config set user_environment.default_app jupyterlab
tljh-config set limits.memory 1G
tljh-config set limits.cpu 1
tljh-config set services.cull.timeout 3600
tljh-config set services.cull.every 300
tljh-config reload
